//! What states and kinds are called, the same on every page.

use crate::domain::delivery::{DeliveryState, Target};
use crate::domain::exchange::{Direction, Finding, Severity};
use crate::domain::order::safeguard::Action;
use crate::domain::order::{LineChange, OrderAction, OrderKind, OrderState};
use crate::domain::party::{ConnectionState, DeploymentMode};
use crate::domain::session::{Operation, SessionState};
use crate::http::page::part::Status;

/// Where an order stands.
pub fn order_state(state: OrderState) -> Status<'static> {
    match state {
        OrderState::Received => Status::info("Received"),
        OrderState::Held => Status::warn("On hold"),
        OrderState::Processing => Status::info("In process"),
        OrderState::Shipped => Status::good("Shipped"),
        OrderState::Invoiced => Status::good("Invoiced"),
        OrderState::Cancelled => Status::idle("Cancelled"),
    }
}

/// What a document about an order wants.
pub fn order_action(action: OrderAction) -> &'static str {
    match action {
        OrderAction::New => "Order",
        OrderAction::Update => "Change",
        OrderAction::Delete => "Cancellation",
    }
}

/// What sort of order it is.
pub fn order_kind(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::Regular => "Regular",
        OrderKind::Release => "Release from an agreement",
        OrderKind::Blanket => "Blanket order",
        OrderKind::StockTransport => "Stock transport",
        OrderKind::StockTransportRelease => "Stock transport release",
    }
}

/// What a version did to a line.
pub fn line_change(change: LineChange) -> Option<Status<'static>> {
    match change {
        LineChange::Added | LineChange::Same => None,
        LineChange::Changed => Some(Status::info("Changed")),
        LineChange::Cancelled => Some(Status::idle("Cancelled")),
    }
}

/// Where a visit stands.
pub fn session_state(state: SessionState) -> Status<'static> {
    match state {
        SessionState::Issued => Status::info("Not opened yet"),
        SessionState::Open => Status::info("Shopping"),
        SessionState::Returned => Status::good("Cart returned"),
        SessionState::Cancelled => Status::idle("Left without items"),
        SessionState::Superseded => Status::idle("Replaced by a later one"),
        SessionState::Expired => Status::warn("Out of time"),
    }
}

/// What the buyer's system asked for.
pub fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "New cart",
        Operation::Edit => "Edit a cart",
        Operation::Inspect => "Look at a cart",
    }
}

/// What became of a document.
pub fn verdict(direction: Direction, status: i64, findings: &[Finding]) -> Status<'static> {
    let worst = findings.iter().map(|finding| finding.severity).max();
    match (direction, status, worst) {
        (_, 500.., _) => Status::bad("Failed"),
        (_, 400.., _) => Status::bad("Refused"),
        (Direction::Out, ..) => Status::good("Sent"),
        (_, _, Some(Severity::Error)) => Status::bad("Refused"),
        (_, _, Some(Severity::Hold)) => Status::warn("Held"),
        (_, _, Some(Severity::Warn)) => Status::info("Taken, with notes"),
        (_, _, None) => Status::good("Taken"),
    }
}

/// What a safeguard did.
pub fn action_done(action: Action) -> Status<'static> {
    match action {
        Action::Accept => Status::idle("Accepted"),
        Action::Correct => Status::info("Corrected"),
        Action::Hold => Status::warn("Held"),
        Action::RejectLine => Status::bad("Line rejected"),
        Action::RejectOrder => Status::bad("Order rejected"),
    }
}

/// How serious a finding is.
pub fn severity(severity: Severity) -> Status<'static> {
    match severity {
        Severity::Warn => Status::info("Note"),
        Severity::Hold => Status::warn("Hold"),
        Severity::Error => Status::bad("Refused"),
    }
}

/// Which way a document went.
pub fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "Received",
        Direction::Out => "Sent",
    }
}

/// Where a delivery stands.
pub fn delivery_state(state: DeliveryState) -> Status<'static> {
    match state {
        DeliveryState::Pending => Status::info("Waiting"),
        DeliveryState::Sending => Status::info("Being sent"),
        DeliveryState::Done => Status::good("Accepted"),
        DeliveryState::Parked => Status::bad("Given up"),
    }
}

/// Where a delivery goes.
pub fn target(target: Target) -> &'static str {
    match target {
        Target::Erp => "ERP",
        Target::Buyer => "Buyer",
    }
}

/// What a delivery is; unknown kinds are shown as they are.
pub fn delivery_kind(kind: &str) -> &str {
    match kind {
        "order.create" => "New order",
        "order.change" => "Changed order",
        "order.cancel" => "Cancelled order",
        other => other,
    }
}

/// Whether a connection may be used.
pub fn connection_state(state: ConnectionState) -> Status<'static> {
    match state {
        ConnectionState::Active => Status::good("Active"),
        ConnectionState::Suspended => Status::idle("Suspended"),
    }
}

/// Test or production.
pub fn mode(mode: DeploymentMode) -> &'static str {
    match mode {
        DeploymentMode::Production => "Production",
        DeploymentMode::Test => "Test",
    }
}

/// Why a document was not let in, by the rule that said so.
pub fn denial(rule: &str) -> &str {
    match rule {
        "sender.unknown" => "Nobody here has this Sender identity",
        "sender.unproved" => "The Sender is known, its secret is wrong",
        "sender.ambiguous" => "The Sender identities name more than one party",
        "from.ambiguous" => "The From identities name more than one party",
        "from.foreign" => "The From identity may not order over this Sender",
        "to.unknown" => "The To identity is not ours",
        "to.foreign" => "The To identity is another supplier's",
        "mode.mismatch" => "Test document on production, or the other way round",
        "connection.suspended" => "The connection is suspended",
        "address.refused" => "The address is not on the list",
        "payload.reused" => "A payloadID was used again for other content",
        "start.reused" => "A start link was used twice",
        "cart.tampered" => "A cart reference was altered",
        "start.unknown" => "A start link that leads nowhere was used",
        "order.foreign" => "A change named another partner's document",
        "cart.foreign" => "A cart of another connection was asked for",
        "token.unknown" => "A program's token is not known",
        "token.expired" => "A program's token has expired",
        "token.revoked" => "A program's token was revoked",
        "return.foreign" => "A cart was to go to an address that is not on the list",
        other => other,
    }
}

/// What a person did, by the action that was written down.
pub fn deed(action: &str) -> &str {
    match action {
        "connection.create" => "Connection made",
        "connection.change" => "Connection changed",
        "secret.issue" => "Secret given",
        "secret.end" => "Secret ended",
        other => other,
    }
}

/// What a value of a change is called; a setting by its label.
pub fn setting(name: &str) -> &str {
    let label = crate::service::connection::setting::all().find(|setting| setting.name == name);
    match (label, name) {
        (Some(setting), _) => setting.label,
        (None, "account") => "Account",
        (None, "name") => "Name",
        (None, "state") => "State",
        (None, "credentials") => "Credentials",
        (None, "kind") => "Kind",
        (None, "ends") => "Ends",
        (None, other) => other,
    }
}
