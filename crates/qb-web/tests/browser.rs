//! The pages in a real browser: Chromium by WebDriver, on an office screen and on a phone.
