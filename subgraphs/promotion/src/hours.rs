//! The hours of a promotion as somebody wants them.

use chrono::Utc;

use crate::{
    error::{ErrorCode, UserError},
    inputs::PromotionWindowInput,
    pricing::{Window, WindowError, WindowTerms},
};

/// The windows that somebody wants, checked: each can be read, and opens some day.
pub(crate) fn checked_windows(inputs: &[PromotionWindowInput]) -> Result<Vec<Window>, UserError> {
    if inputs.len() > 10 {
        return Err(UserError::at("windows", ErrorCode::InvalidSchedule, "at most 10"));
    }
    let one = |(index, input): (usize, &PromotionWindowInput)| {
        let terms = WindowTerms {
            cron: input.cron.trim().to_owned(),
            time_zone: input.time_zone.trim().to_owned(),
            minutes: u32::try_from(input.duration_minutes).unwrap_or_default(),
        };
        let read = if terms.cron.len() > 100 { Err(WindowError::Cron) } else { Window::of(terms) };
        let window = read.and_then(|window| match window.next_opening(Utc::now()) {
            Some(_) => Ok(window),
            None => Err(WindowError::Never),
        });
        window.map_err(|error| {
            let field = match error {
                WindowError::Cron | WindowError::Never => "cron",
                WindowError::TimeZone => "timeZone",
                WindowError::Minutes => "durationMinutes",
            };
            UserError::at(format!("windows.{index}.{field}"), ErrorCode::InvalidSchedule, error.to_string())
        })
    };
    inputs.iter().enumerate().map(one).collect()
}

/// A stored window, as its owner once wanted it.
pub(crate) fn window_input(window: &Window) -> PromotionWindowInput {
    let terms = window.terms();
    PromotionWindowInput {
        cron: terms.cron.clone(),
        time_zone: terms.time_zone.clone(),
        duration_minutes: i32::try_from(terms.minutes).unwrap_or(i32::MAX),
    }
}
