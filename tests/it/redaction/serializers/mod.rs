//! What real programs print of a value: outputs of 370 forms of about 130 serializers, recorded, and the
//! same from the programs that are installed here.

mod programs;
mod recorded;
mod score;
