//! Rows for the admin pages: documents, attachments, deliveries, and strangers.

use punchgate::domain::delivery::{Attempt, Delivery, DeliveryState, Target};
use punchgate::domain::exchange::{Attachment, Direction, Exchange, Finding, Quarantined, SecurityEvent};
use punchgate::store::{self, StoreError};
use uuid::Uuid;

use crate::admin_seed::{HOSTILE, Rows, put};

impl Rows<'_> {
    pub async fn exchange(&self, kind: &str, status: i64, minutes: i64, findings: Vec<Finding>, repeats: i64) -> Uuid {
        let id = self.gateway.clock.new_id();
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.069/cXML.dtd\">\n\
             <cXML payloadID=\"{id}.a-very-long-payload-identifier-without-any-break@globex.procurement.example\" timestamp=\"2026-11-24T08:00:00+01:00\">\n\
             \x20 <Header>\n    <Sender><Credential domain=\"NetworkID\"><Identity>AN09000000009</Identity><SharedSecret></SharedSecret></Credential></Sender>\n\
             \x20 </Header>\n  <Request deploymentMode=\"production\">\n    <{kind}>\n      <Comments>{}</Comments>\n    </{kind}>\n  </Request>\n</cXML>\n",
            HOSTILE.replace('<', "&lt;")
        );
        let row = Exchange {
            tenant_id: self.tenant,
            id,
            connection_id: self.connection,
            direction: Direction::In,
            payload_id: format!("{id}.a-very-long-payload-identifier-without-any-break@globex.procurement.example"),
            from_key: "networkid|an09000000009".into(),
            document_type: kind.into(),
            sha256: vec![7; 32],
            fingerprint: id.as_bytes().to_vec(),
            text,
            encoding: "UTF-8".into(),
            status,
            answer: Some(b"<cXML><Response><Status code=\"200\" text=\"OK\"/></Response></cXML>".to_vec()),
            answer_sealed: None,
            findings,
            repeats,
            repeated_at: (repeats > 0).then(|| self.ago(minutes - 1)),
            trace_id: id.simple().to_string(),
            remote: "203.0.113.7".into(),
            duration_ms: 12,
            received_at: self.ago(minutes),
        };
        put!(self.gateway, row);
        id
    }

    pub async fn attachment(&self, exchange_id: Uuid) -> Uuid {
        let row = Attachment {
            tenant_id: self.tenant,
            id: self.gateway.clock.new_id(),
            exchange_id,
            content_id: Some("drawing@globex.example".into()),
            content_type: "text/html".into(),
            file_name: Some(format!("drawing {HOSTILE}.html")),
            sha256: vec![1; 32],
            bytes: HOSTILE.as_bytes().to_vec(),
        };
        let id = row.id;
        put!(self.gateway, row);
        id
    }

    pub async fn delivery(&self, order: Uuid) -> Uuid {
        let mut last = Uuid::nil();
        for (kind, state) in [
            ("order.create", DeliveryState::Done),
            ("order.change", DeliveryState::Parked),
        ] {
            let row = Delivery {
                tenant_id: self.tenant,
                id: self.gateway.clock.new_id(),
                target: Target::Erp,
                kind: kind.into(),
                subject_id: order,
                idempotency_key: kind.into(),
                body: "{}".into(),
                state,
                attempts: 1,
                due_at: self.ago(5),
                created_at: self.ago(11),
            };
            let attempt = Attempt {
                tenant_id: self.tenant,
                delivery_id: row.id,
                number: 1,
                started_at: self.ago(6),
                duration_ms: Some(120),
                status: Some(422),
                answer: None,
                error: Some(format!("The ERP does not know customer C-1001 {HOSTILE}")),
            };
            last = row.id;
            let gateway = self.gateway;
            gateway
                .store
                .write(async move |tx| {
                    store::delivery::enqueue(tx, &row).await?;
                    store::delivery::begin_attempt(tx, &attempt).await
                })
                .await
                .unwrap();
        }
        last
    }

    /// A document from nobody, a refused one, and what the security log says of them.
    pub async fn strangers(&self) -> Uuid {
        self.exchange("PunchOutSetupRequest", 403, 3, Vec::new(), 0).await;
        let text = format!(
            "<cXML payloadID='1@initech'>\n  <Header/>\n  {}\n</cXML>",
            HOSTILE.replace('<', "&lt;")
        );
        let row = Quarantined {
            tenant_id: self.tenant,
            id: self.gateway.clock.new_id(),
            received_at: self.ago(2),
            keep_until: self.ago(-10_000),
            remote: "198.51.100.20".into(),
            document_type: "OrderRequest".into(),
            from_line: format!("NetworkID|AN77000000077\nDUNS|{HOSTILE}"),
            to_line: "NetworkID|AN01000000001".into(),
            sender_line: "NetworkID|AN77000000077".into(),
            reason: "sender.unknown".into(),
            text_bytes: i64::try_from(text.len()).unwrap(),
            text,
            exchange_id: None,
        };
        let id = row.id;
        put!(self.gateway, row);
        for kind in ["sender.unknown", "payload.reused", "start.reused"] {
            put!(
                self.gateway,
                SecurityEvent {
                    tenant_id: self.tenant,
                    id: self.gateway.clock.new_id(),
                    at: self.ago(2),
                    kind: kind.into(),
                    connection_id: (kind != "sender.unknown").then_some(self.connection),
                    remote: "198.51.100.20".into(),
                    text: format!("A document was not let in. {HOSTILE}"),
                }
            );
        }
        id
    }
}
