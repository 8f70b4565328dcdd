//! The decision table for a document about an order (cXML notes 3.2).
//!
//! Repetitions of one `payloadID` are settled before this table, by the exchange. Conflicts that a network would count
//! as failure for good are held or refused by the connection's policy; nothing here ever makes a second order.

use crate::domain::order::{OrderAction, OrderState};
use crate::domain::party::ConflictAnswer;
use crate::domain::refusal::{Code, Refusal};

/// What arrives.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// new, update or delete.
    pub action: OrderAction,
    /// `@orderVersion`, where sent.
    pub order_version: Option<i64>,
    /// `DocumentReference/@payloadID`, where sent.
    pub reference: Option<&'a str>,
    /// Normalised content.
    pub fingerprint: &'a [u8],
    /// `@isInternalVersion`.
    pub is_internal: bool,
}

/// What is known of the order.
#[derive(Clone, Debug)]
pub struct Known {
    /// Where it stands.
    pub state: OrderState,
    /// Whether its `new` is still awaited.
    pub awaits_new: bool,
    /// Every version in the order of arrival.
    pub versions: Vec<KnownVersion>,
}

/// One earlier document about the order.
#[derive(Clone, Debug)]
pub struct KnownVersion {
    /// Its `payloadID`.
    pub payload_id: String,
    /// new, update or delete.
    pub action: OrderAction,
    /// `@orderVersion`, where sent.
    pub order_version: Option<i64>,
    /// Normalised content.
    pub fingerprint: Vec<u8>,
    /// Whether it took force.
    pub applied: bool,
}

/// What the connection wants done with conflicts.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Hold and answer 200, or refuse.
    pub conflict: ConflictAnswer,
    /// Whether an update of an unknown order becomes an order.
    pub update_unknown_creates: bool,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Make the order; with a reason it is held.
    Create {
        /// Why a person must look, if so.
        hold: Option<&'static str>,
        /// Whether the order's own `new` is still awaited.
        awaits_new: bool,
    },
    /// The new order that an earlier update or delete was waiting for: kept below them.
    FillIn,
    /// A new version takes force.
    Replace,
    /// The order is cancelled.
    Cancel,
    /// Nothing new: answer as for the first copy.
    AlreadyReceived,
    /// Kept as a version without force, and the order is held.
    Hold(&'static str),
    /// Kept as a version; the sales order is not touched (`@isInternalVersion`).
    Internal,
    /// Refused; nothing changes.
    Refuse(Refusal),
}

const STALE: &str = "This document refers to a version of the order that is no longer the current one.";
const UNKNOWN_REFERENCE: &str = "The document this change refers to is not one we received for this order.";
const FULFILLED: &str = "Goods of this order were already shipped or invoiced, so it is not changed automatically.";
const CANCELLED: &str = "This order was cancelled before; a change cannot bring it back.";
const OTHER_CONTENT: &str = "An order with this number but other content was received before.";
const NOTHING_KNOWN: &str = "The order that this document refers to was not received here.";
const BEFORE_NEW: &str = "A change arrived before the order itself.";

/// Decides what a document about an order does.
pub fn decide(incoming: &Incoming<'_>, known: Option<&Known>, policy: Policy) -> Decision {
    match (known, incoming.action) {
        (None, OrderAction::New) => Decision::Create {
            hold: None,
            awaits_new: false,
        },
        (None, _) => decide_unknown(incoming, policy),
        (Some(known), OrderAction::New) => decide_new(incoming, known, policy),
        (Some(known), _) => decide_change(incoming, known, policy),
    }
}

fn decide_unknown(incoming: &Incoming<'_>, policy: Policy) -> Decision {
    let refuse = Refusal::new(Code::ExpectationFailed, NOTHING_KNOWN).at("DocumentReference");
    match (incoming.action, policy.conflict) {
        (OrderAction::Update, _) if policy.update_unknown_creates => Decision::Create {
            hold: Some(BEFORE_NEW),
            awaits_new: true,
        },
        (_, ConflictAnswer::Hold) => Decision::Create {
            hold: Some(BEFORE_NEW),
            awaits_new: true,
        },
        (_, ConflictAnswer::Refuse) => Decision::Refuse(refuse),
    }
}

fn decide_new(incoming: &Incoming<'_>, known: &Known, policy: Policy) -> Decision {
    if known
        .versions
        .iter()
        .any(|version| version.fingerprint == incoming.fingerprint)
    {
        return Decision::AlreadyReceived;
    }
    if known.awaits_new {
        return Decision::FillIn;
    }
    if incoming.is_internal {
        return Decision::Internal;
    }
    if known.state == OrderState::Cancelled {
        return conflict(CANCELLED, policy);
    }
    if known.state.is_fulfilled() {
        return conflict(FULFILLED, policy);
    }
    let is_higher = match (
        incoming.order_version,
        current(known).and_then(|version| version.order_version),
    ) {
        (Some(arrived), Some(present)) => arrived > present,
        _ => false,
    };
    // A buyer that counts versions but always writes type="new" means a change (cXML notes 3.2, treat-as-update).
    if is_higher {
        Decision::Replace
    } else {
        conflict(OTHER_CONTENT, policy)
    }
}

fn decide_change(incoming: &Incoming<'_>, known: &Known, policy: Policy) -> Decision {
    if known.versions.iter().any(|version| {
        version.fingerprint == incoming.fingerprint && version.action == incoming.action && version.applied
    }) {
        return Decision::AlreadyReceived;
    }
    if incoming.is_internal {
        return Decision::Internal;
    }
    if known.state == OrderState::Cancelled {
        return match incoming.action {
            OrderAction::Delete => Decision::AlreadyReceived,
            _ => conflict(CANCELLED, policy),
        };
    }
    if known.state.is_fulfilled() {
        return conflict(FULFILLED, policy);
    }
    match reference(incoming, known) {
        Reference::Current => match incoming.action {
            OrderAction::Delete => Decision::Cancel,
            _ => Decision::Replace,
        },
        Reference::Stale => conflict(STALE, policy),
        // Many buyers send wrong references, so this is never a refusal.
        Reference::Unknown => Decision::Hold(UNKNOWN_REFERENCE),
    }
}

enum Reference {
    Current,
    Stale,
    Unknown,
}

/// Compares the reference, or where there is none the version number, with the version in force.
fn reference(incoming: &Incoming<'_>, known: &Known) -> Reference {
    let current = current(known);
    match incoming.reference {
        Some(payload_id) if current.is_some_and(|version| version.payload_id == payload_id) => Reference::Current,
        Some(payload_id) if known.versions.iter().any(|version| version.payload_id == payload_id) => Reference::Stale,
        Some(_) => Reference::Unknown,
        None => match (
            incoming.order_version,
            current.and_then(|version| version.order_version),
        ) {
            (Some(arrived), Some(present)) if arrived < present => Reference::Stale,
            (Some(arrived), Some(present)) if arrived == present && incoming.action == OrderAction::Update => {
                Reference::Stale
            }
            _ => Reference::Current,
        },
    }
}

fn current(known: &Known) -> Option<&KnownVersion> {
    known.versions.iter().rev().find(|version| version.applied)
}

fn conflict(text: &'static str, policy: Policy) -> Decision {
    match policy.conflict {
        ConflictAnswer::Hold => Decision::Hold(text),
        ConflictAnswer::Refuse => Decision::Refuse(Refusal::new(Code::Conflict, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLD: Policy = Policy {
        conflict: ConflictAnswer::Hold,
        update_unknown_creates: false,
    };
    const REFUSE: Policy = Policy {
        conflict: ConflictAnswer::Refuse,
        update_unknown_creates: false,
    };
    const CREATES: Policy = Policy {
        conflict: ConflictAnswer::Refuse,
        update_unknown_creates: true,
    };

    fn version(payload_id: &str, action: OrderAction, order_version: Option<i64>, content: u8) -> KnownVersion {
        KnownVersion {
            payload_id: payload_id.into(),
            action,
            order_version,
            fingerprint: vec![content],
            applied: true,
        }
    }

    fn known(state: OrderState) -> Known {
        Known {
            state,
            awaits_new: false,
            versions: vec![
                version("p1", OrderAction::New, Some(1), 1),
                version("p2", OrderAction::Update, Some(2), 2),
            ],
        }
    }

    fn incoming<'a>(
        action: OrderAction,
        order_version: Option<i64>,
        reference: Option<&'a str>,
        content: &'a [u8],
    ) -> Incoming<'a> {
        Incoming {
            action,
            order_version,
            reference,
            fingerprint: content,
            is_internal: false,
        }
    }

    /// One word for a decision, so that the table below reads as a table.
    fn word(decision: &Decision) -> String {
        match decision {
            Decision::Create { hold: None, .. } => "create".into(),
            Decision::Create {
                hold: Some(_),
                awaits_new,
            } => format!("create-held awaits_new={awaits_new}"),
            Decision::FillIn => "fill-in".into(),
            Decision::Replace => "replace".into(),
            Decision::Cancel => "cancel".into(),
            Decision::AlreadyReceived => "already".into(),
            Decision::Hold(_) => "hold".into(),
            Decision::Internal => "internal".into(),
            Decision::Refuse(refusal) => format!("refuse {}", refusal.code.status().0),
        }
    }

    #[test]
    fn the_table_of_changes() {
        use OrderAction::{Delete, New, Update};
        use OrderState::{Cancelled, Invoiced, Received, Shipped};
        let open = Some(Received);
        for (name, state, arrives, policy, expected) in [
            (
                "new, unknown",
                None,
                incoming(New, Some(1), None, &[1]),
                REFUSE,
                "create",
            ),
            (
                "update, unknown, refuse",
                None,
                incoming(Update, Some(2), Some("p1"), &[2]),
                REFUSE,
                "refuse 417",
            ),
            (
                "delete, unknown, refuse",
                None,
                incoming(Delete, Some(2), Some("p1"), &[2]),
                REFUSE,
                "refuse 417",
            ),
            (
                "update, unknown, hold",
                None,
                incoming(Update, None, None, &[2]),
                HOLD,
                "create-held awaits_new=true",
            ),
            (
                "update, unknown, creates",
                None,
                incoming(Update, None, None, &[2]),
                CREATES,
                "create-held awaits_new=true",
            ),
            (
                "new again, same content",
                open,
                incoming(New, Some(1), None, &[1]),
                REFUSE,
                "already",
            ),
            (
                "new, other content",
                open,
                incoming(New, Some(1), None, &[9]),
                REFUSE,
                "refuse 409",
            ),
            (
                "new, other content, hold",
                open,
                incoming(New, Some(1), None, &[9]),
                HOLD,
                "hold",
            ),
            (
                "new, higher version",
                open,
                incoming(New, Some(3), None, &[9]),
                REFUSE,
                "replace",
            ),
            (
                "new, no version, other content",
                open,
                incoming(New, None, None, &[9]),
                REFUSE,
                "refuse 409",
            ),
            (
                "new after cancel",
                Some(Cancelled),
                incoming(New, Some(9), None, &[9]),
                REFUSE,
                "refuse 409",
            ),
            (
                "update of current",
                open,
                incoming(Update, Some(3), Some("p2"), &[3]),
                REFUSE,
                "replace",
            ),
            (
                "update of older",
                open,
                incoming(Update, Some(3), Some("p1"), &[3]),
                REFUSE,
                "refuse 409",
            ),
            (
                "update of older, hold",
                open,
                incoming(Update, Some(3), Some("p1"), &[3]),
                HOLD,
                "hold",
            ),
            (
                "update, wrong reference",
                open,
                incoming(Update, Some(3), Some("zz"), &[3]),
                REFUSE,
                "hold",
            ),
            (
                "update, no reference",
                open,
                incoming(Update, Some(3), None, &[3]),
                REFUSE,
                "replace",
            ),
            (
                "update, no reference, same version",
                open,
                incoming(Update, Some(2), None, &[3]),
                REFUSE,
                "refuse 409",
            ),
            (
                "update, nothing to compare",
                open,
                incoming(Update, None, None, &[3]),
                REFUSE,
                "replace",
            ),
            (
                "update again",
                open,
                incoming(Update, Some(2), Some("p1"), &[2]),
                REFUSE,
                "already",
            ),
            (
                "update after shipment",
                Some(Shipped),
                incoming(Update, Some(3), Some("p2"), &[3]),
                REFUSE,
                "refuse 409",
            ),
            (
                "update after invoice, hold",
                Some(Invoiced),
                incoming(Update, Some(3), Some("p2"), &[3]),
                HOLD,
                "hold",
            ),
            (
                "delete of current",
                open,
                incoming(Delete, Some(2), Some("p2"), &[4]),
                REFUSE,
                "cancel",
            ),
            (
                "delete without reference",
                open,
                incoming(Delete, None, None, &[4]),
                REFUSE,
                "cancel",
            ),
            (
                "delete of shipped",
                Some(Shipped),
                incoming(Delete, None, Some("p2"), &[4]),
                REFUSE,
                "refuse 409",
            ),
            (
                "delete again",
                Some(Cancelled),
                incoming(Delete, None, Some("p2"), &[4]),
                REFUSE,
                "already",
            ),
            (
                "update after cancel",
                Some(Cancelled),
                incoming(Update, Some(4), Some("p2"), &[4]),
                REFUSE,
                "refuse 409",
            ),
        ] {
            let decision = decide(&arrives, state.map(known).as_ref(), policy);
            assert_eq!(word(&decision), expected, "{name}");
        }
    }

    #[test]
    fn a_new_order_after_its_update_fills_in_below_it() {
        let mut known = known(OrderState::Held);
        known.awaits_new = true;
        known.versions.remove(0);
        let decision = decide(&incoming(OrderAction::New, Some(1), None, &[1]), Some(&known), REFUSE);
        assert_eq!(decision, Decision::FillIn);
    }

    #[test]
    fn internal_versions_never_touch_the_sales_order() {
        let mut arrives = incoming(OrderAction::Update, Some(3), Some("p2"), &[3]);
        arrives.is_internal = true;
        assert_eq!(
            decide(&arrives, Some(&known(OrderState::Received)), REFUSE),
            Decision::Internal
        );
    }
}
