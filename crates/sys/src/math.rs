//! Defines `pow`, the only function of the C library's libm that is used (by `**` in templates). Otherwise every
//! start would load `libm.so`, which takes 0.1 ms.

#[cfg(all(target_env = "gnu", not(target_feature = "crt-static")))]
#[expect(unsafe_code, reason = "the symbol takes the place of the C library's")]
#[unsafe(no_mangle)]
extern "C" fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}
