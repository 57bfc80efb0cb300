# Prints each value in each form that Perl has: perl forms.pl NAME…, the values in variables of these names.
use strict;
use warnings;
use Data::Dumper;
use JSON::PP;
use MIME::Base64;
use MIME::QuotedPrint;
use Encode;

$Data::Dumper::Indent = 1;
my @forms = (
    ['print', sub { $_[0] }],
    ['Dumper', sub { Dumper({ key => $_[0] }) }],
    ['Dumper with Useqq', sub { local $Data::Dumper::Useqq = 1; Dumper([$_[0]]) }],
    ['JSON::PP', sub { JSON::PP->new->encode({ key => decode_utf8($_[0]) }) }],
    ['JSON::PP, ASCII', sub { JSON::PP->new->ascii->encode([decode_utf8($_[0])]) }],
    ['JSON::PP, pretty', sub { JSON::PP->new->pretty->latin1->encode([decode_utf8($_[0])]) }],
    ['quotemeta', sub { quotemeta $_[0] }],
    ['encode_base64', sub { encode_base64($_[0]) }],
    ['encode_base64, one line', sub { encode_base64($_[0], '') }],
    ['encode_qp', sub { encode_qp($_[0]) }],
    ['unpack H*', sub { unpack 'H*', $_[0] }],
    ['hex with spaces', sub { join ' ', map { sprintf '%02x', ord } split //, $_[0] }],
    ['bytes', sub { join ', ', unpack 'C*', $_[0] }],
    ['percent', sub { my $v = $_[0]; $v =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ge; $v }],
    ['die', sub { eval { die "$_[0]\n" }; $@ }],
    ['\x', sub { join '', map { sprintf '\x%02X', ord } split //, $_[0] }],
    ['\x{}', sub { join '', map { sprintf '\x{%x}', ord } split //, decode_utf8($_[0]) }],
    ['vector', sub { sprintf '%vd', $_[0] }],
);
binmode STDOUT;
for my $form (@forms) {
    for my $name (@ARGV) {
        my $text = $form->[1]->($ENV{$name});
        $text = encode_utf8($text) if utf8::is_utf8($text);
        print "\n\@\@ $name $form->[0]\n$text\n";
    }
}
