//! News within the process.

use tokio::sync::watch;

/// Rung when this process has changed something, so that whoever waits for news looks at once and
/// not at the next turn. It carries nothing: the database says what is new, and what another node
/// has changed rings here not at all.
#[derive(Debug, Default)]
pub struct Bell(watch::Sender<()>);

/// Somebody within earshot.
#[derive(Debug)]
pub struct Listening(watch::Receiver<()>);

impl Bell {
    /// Tells of a change that is committed.
    pub fn ring(&self) {
        self.0.send_replace(());
    }

    /// Hears every ring from now on.
    #[must_use]
    pub fn listen(&self) -> Listening {
        Listening(self.0.subscribe())
    }
}

impl Listening {
    /// Ready when it has rung since the last time.
    pub async fn rung(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_ring_while_nobody_waits_is_heard_afterwards_and_once() {
        let bell = Bell::default();
        let mut listening = bell.listen();
        bell.ring();
        bell.ring();

        assert!(listening.rung().now_or_never().is_some());
        assert!(listening.rung().now_or_never().is_none());
    }
}
