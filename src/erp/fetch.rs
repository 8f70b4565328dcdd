//! Page after page: paced, asked again after a passing fault, with a new session where the old one ended.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior};

use super::fault::{Class, Fault};
use super::link::{Link, Page, Question};
use super::mapping::Limits;
use super::value::Value;

/// Longest pause that an ERP may ask for in a run; longer ones are left to the next run.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Asks an ERP.
pub struct Fetch {
    link: Link,
    limits: Limits,
    pace: Interval,
}

/// Where a walk through the pages of one question is.
#[derive(Debug, Default)]
pub struct Walk {
    position: Option<String>,
    pages: usize,
    is_over: bool,
}

impl Fetch {
    /// Asks by a way, within limits.
    pub fn new(link: Link, limits: &Limits) -> Fetch {
        let mut pace = tokio::time::interval(Duration::from_secs(1) / limits.questions_per_second.max(1));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Fetch {
            link,
            limits: limits.clone(),
            pace,
        }
    }

    /// Whether one record can be asked for by its key.
    pub fn knows_keys(&self) -> bool {
        self.link.knows_keys()
    }

    /// The next page of a walk; nothing after the last.
    ///
    /// # Errors
    /// [`Fault`] where no answer came, or the pages do not come to an end.
    pub async fn next(&mut self, walk: &mut Walk, question: &Question<'_>) -> Result<Option<Vec<Value>>, Fault> {
        if walk.is_over {
            return Ok(None);
        }
        if walk.pages >= self.limits.pages_max {
            let text = format!("{} has more than {} pages", question.from, self.limits.pages_max);
            return Err(Fault::ask(text));
        }
        let question = Question {
            position: walk.position.take(),
            limit: if question.limit == 0 {
                self.limits.page_rows
            } else {
                question.limit
            },
            ..question.clone()
        };
        let page = self.page(&question).await?;
        if page.next.is_some() && page.next == question.position {
            return Err(Fault::ask(format!(
                "{} gives the same page again and again",
                question.from
            )));
        }
        walk.pages += 1;
        walk.is_over = page.next.is_none();
        walk.position = page.next;
        let is_nothing = page.records.is_empty() && walk.is_over;
        Ok((!is_nothing).then_some(page.records))
    }

    async fn page(&mut self, question: &Question<'_>) -> Result<Page, Fault> {
        let mut pause = Duration::from_millis(self.limits.pause_ms);
        let mut has_new_session = false;
        for number in 1.. {
            self.pace.tick().await;
            let fault = match self.link.ask(question).await {
                Ok(page) => return Ok(page),
                Err(fault) => fault,
            };
            // A session may have ended since the last question; one that ends at once is another matter.
            if fault.is_unauthorized && !has_new_session {
                has_new_session = true;
                self.link.forget_session();
                continue;
            }
            if fault.class != Class::Retry || number >= self.limits.tries {
                return Err(fault);
            }
            let wanted = fault.after_seconds.map_or(pause, Duration::from_secs);
            if wanted > PAUSE_MAX {
                return Err(fault);
            }
            tracing::info!(from = question.from, fault = %fault.text, number, "sync.asked_again");
            tokio::time::sleep(wanted).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
        Err(Fault::retry("no answer"))
    }
}
