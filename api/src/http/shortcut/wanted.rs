//! What a request of the short cut asks for.

use std::sync::Arc;

use super::{
    super::{
        at_hand::{self, Payer},
        documents::Documents,
        endpoint::Sent,
        glance::Glance,
        limits::Client,
        look_ups::Asked,
        media::Media,
        ready::Reply,
        refusal::Refusal,
    },
    head::Head,
};
use crate::{
    domain::actor::Actor,
    graphql::{LookUp, document::Document},
    http::answer::Written,
    service::results::Named,
};

/// A look-up of a result.
pub(super) enum Wanted<'a> {
    /// With a document that is known.
    Document(Known<'a>),
    /// As plain JSON.
    Plain(Asked<'a>),
}

/// A request with a known document.
pub(super) struct Known<'a> {
    document: Arc<Document>,
    glance: Glance<'a>,
    media: Media,
    sent: Sent,
}

impl<'a> Wanted<'a> {
    /// What a request asks for, if that is a look-up.
    pub(super) fn read(documents: &Documents, head: &Head<'a>) -> Option<Self> {
        let known = |glance: Glance<'a>, sent| {
            let media = Media::best(head.accept.iter().copied()).ok()?;
            let document = documents.find_known(&glance.sha256)?;
            Some(Self::Document(Known {
                document,
                glance,
                media,
                sent,
            }))
        };
        match (head.body, head.target.split_once('?')) {
            (Some(body), None) if head.target == "/graphql" => {
                known(Glance::of_body(body)?, Sent::ByPost)
            }
            (None, Some(("/graphql", query))) => known(Glance::of_query(query)?, Sent::ByGet),
            (None, None) => plain(head.target).map(Self::Plain),
            _ => None,
        }
    }
}

/// `/result/<period>/<code>` and `/draw/<draw>/result/<code>`.
fn plain(target: &str) -> Option<Asked<'_>> {
    let mut parts = target.split('/').skip(1);
    let (named, code) = match [(); 5].map(|()| parts.next()) {
        [Some("result"), Some(period), Some(code), None, None] => (Named::Period(period), code),
        [Some("draw"), Some(draw), Some("result"), Some(code), None] => (Named::Draw(draw), code),
        _ => return None,
    };
    Some(Asked { named, code })
}

impl<'a> Known<'a> {
    /// The look-up that it is; nothing where only the executor can say.
    pub(super) fn look_up(&self) -> Option<LookUp<'_, Glance<'a>>> {
        self.document.look_up(&self.glance)
    }

    /// Who pays for it.
    pub(super) fn payer<'b>(&self, client: &'b Client) -> Payer<'b> {
        Payer {
            actor: &Actor::Anonymous,
            sent: self.sent,
            client,
        }
    }

    /// What is sent once it is written, or refused.
    pub(super) fn reply(&self, written: Result<Option<Written>, Refusal>) -> Option<Reply> {
        Some(match written {
            Ok(written) => at_hand::ready(written?, self.media, self.sent).into(),
            Err(refusal) => refusal.into(),
        })
    }
}
