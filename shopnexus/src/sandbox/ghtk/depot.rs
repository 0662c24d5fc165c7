//! What the carrier knows, and what it reports.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::Utc;
use serde_json::{Value, json};

/// What the sandbox knows of its one partner.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct Partner {
    /// What the partner proves itself by.
    pub(in crate::sandbox) token: String,
    /// Its code.
    pub(in crate::sandbox) code: String,
    /// What a report is proven by.
    pub(in crate::sandbox) webhook_secret: String,
    /// Where the partner takes reports.
    pub(in crate::sandbox) webhook_url: url::Url,
}

/// The carrier. It forgets everything when the program ends.
pub(in crate::sandbox) struct Depot {
    pub(super) partner: Partner,
    http: reqwest::Client,
    known: Mutex<Known>,
    next_label: AtomicU64,
}

#[derive(Debug, Default)]
struct Known {
    /// By the partner's own id.
    parcels: BTreeMap<String, Parcel>,
    refuse_orders: u64,
    refuse_cancellations: u64,
}

/// A parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parcel {
    /// GHTK's own number.
    pub(super) label: String,
    /// GHTK's number of where it is.
    pub(super) status: i32,
    /// Đồng to collect at the door.
    pub(super) pick_money: i64,
    /// Where it goes.
    pub(super) address: String,
}

/// How something is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manner {
    /// How often each status is reported.
    pub(super) reports: usize,
    /// Whether the last comes first.
    pub(super) reversed: bool,
    /// Whether nothing is reported at all.
    pub(super) silent: bool,
    /// Whether the report is proven by another secret.
    pub(super) wrong_secret: bool,
    /// How long to wait before reporting.
    pub(super) delay: Duration,
}

/// Reported once, at once.
pub(super) const PLAIN: Manner =
    Manner { reports: 1, reversed: false, silent: false, wrong_secret: false, delay: Duration::ZERO };

/// Announced and not fetched yet.
const ANNOUNCED: i32 = 2;
/// Called back by the partner.
const CANCELLED: i32 = -1;

impl Depot {
    pub(in crate::sandbox) fn new(partner: Partner) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build();
        Self {
            partner,
            http: http.expect("a client with a timeout needs nothing from outside"),
            known: Mutex::default(),
            // Numbers go on after a restart, as they would at a carrier.
            next_label: AtomicU64::new(u64::try_from(Utc::now().timestamp_millis()).unwrap_or_default()),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("no holder of this lock can panic")
    }

    /// Every parcel, by the partner's id.
    pub(super) fn parcels(&self) -> BTreeMap<String, Parcel> {
        self.known().parcels.clone()
    }

    /// From now on so many orders and cancellations are refused.
    pub(super) fn refuse(&self, orders: u64, cancellations: u64) {
        let mut known = self.known();
        (known.refuse_orders, known.refuse_cancellations) = (orders, cancellations);
    }

    /// Takes an order, as GHTK answers it.
    pub(super) fn order(&self, order: &Value) -> Value {
        let text = |name: &str| order["order"][name].as_str().unwrap_or_default().to_owned();
        let id = text("id");
        let missing = ["id", "pick_address", "pick_province", "pick_district", "pick_tel", "name", "address", "tel"]
            .into_iter()
            .find(|name| text(name).is_empty());
        if let Some(missing) = missing {
            return json!({"success": false, "message": format!("{missing} is missing")});
        }
        let mut known = self.known();
        if let Some(parcel) = known.parcels.get(&id) {
            let error = json!({"code": "ORDER_ID_EXIST", "partner_id": id, "ghtk_label": parcel.label});
            return json!({"success": false, "message": "The order is known", "error": error});
        }
        if known.refuse_orders > 0 {
            known.refuse_orders -= 1;
            return json!({"success": false, "message": "The address is not served"});
        }
        let label = format!("{}.SGN.{}", self.partner.code, self.next_label.fetch_add(1, Ordering::Relaxed));
        let pick_money = order["order"]["pick_money"].as_i64().unwrap_or_default();
        let address = [text("address"), text("district"), text("province")].join(", ");
        known.parcels.insert(id.clone(), Parcel { label: label.clone(), status: ANNOUNCED, pick_money, address });
        json!({"success": true, "message": "", "order": {
            "partner_id": id, "label": label, "area": "1", "fee": "30400", "insurance_fee": "0", "status_id": ANNOUNCED,
        }})
    }

    /// Cancels an order that has not been fetched, by its label or, after `partner_id:`, by the partner's id. Answers
    /// also with the id of what is to be reported.
    pub(super) fn cancel(&self, name: &str) -> (Value, Option<String>) {
        let refused = |message: &str| (json!({"success": false, "message": message, "log_id": ""}), None);
        let mut known = self.known();
        if known.refuse_cancellations > 0 {
            known.refuse_cancellations -= 1;
            return refused("The order cannot be cancelled");
        }
        let id = name.strip_prefix("partner_id:");
        let found = known.parcels.iter_mut().find(|(key, parcel)| id == Some(key.as_str()) || parcel.label == name);
        match found {
            None => refused("There is no such order"),
            Some((_, parcel)) if ![CANCELLED, ANNOUNCED].contains(&parcel.status) => refused("The parcel was fetched"),
            Some((id, parcel)) => {
                let is_new = parcel.status != CANCELLED;
                parcel.status = CANCELLED;
                (json!({"success": true, "message": "", "log_id": parcel.label}), is_new.then(|| id.clone()))
            }
        }
    }

    /// The label of a parcel, a PDF of one page.
    pub(super) fn label(&self, label: &str) -> Option<String> {
        let known = self.known();
        let (id, parcel) = known.parcels.iter().find(|(_, parcel)| parcel.label == label)?;
        Some(pdf(&[&format!("GHTK {label}"), &format!("Order {id}"), &format!("Collect {} VND", parcel.pick_money)]))
    }

    /// Moves a parcel through statuses, and reports them. Answers with the HTTP statuses that the partner gave, and with
    /// nothing when there is no such parcel.
    pub(super) async fn report(&self, partner_id: &str, statuses: &[i32], manner: &Manner) -> Option<Vec<u16>> {
        let label = {
            let mut known = self.known();
            let parcel = known.parcels.get_mut(partner_id)?;
            parcel.status = statuses.last().copied().unwrap_or(parcel.status);
            parcel.label.clone()
        };
        if manner.silent {
            return Some(Vec::new());
        }
        tokio::time::sleep(manner.delay).await;
        let mut wanted: Vec<i32> = statuses.iter().flat_map(|status| vec![*status; manner.reports]).collect();
        if manner.reversed {
            wanted.reverse();
        }
        let mut answers = Vec::with_capacity(wanted.len());
        for status in wanted {
            answers.push(self.tell(partner_id, &label, status, manner.wrong_secret).await);
        }
        Some(answers)
    }

    /// One report; 0 when nobody has answered.
    async fn tell(&self, partner_id: &str, label: &str, status: i32, wrong_secret: bool) -> u16 {
        let secret = if wrong_secret { "somebody else's" } else { self.partner.webhook_secret.as_str() };
        let mut url = self.partner.webhook_url.clone();
        url.query_pairs_mut().append_pair("hash", secret);
        let (status, now) = (status.to_string(), Utc::now().to_rfc3339());
        let form = [
            ("label_id", label),
            ("partner_id", partner_id),
            ("status_id", &status),
            ("action_time", &now),
            ("reason_code", ""),
            ("weight", "0.5"),
            ("fee", "30400"),
        ];
        let answer = self.http.post(url).form(&form).send().await;
        answer.map_or(0, |answer| answer.status().as_u16())
    }
}

/// A PDF of one page (A6) with these lines, which are ASCII without parentheses.
fn pdf(lines: &[&str]) -> String {
    let text: String = lines.iter().map(|line| format!("({line}) Tj 0 -24 Td ")).collect();
    let content = format!("BT /F1 12 Tf 20 380 Td {text}ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 298 420] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut offsets = String::new();
    for (object, number) in objects.iter().zip(1..) {
        offsets += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let (size, start) = (objects.len() + 1, file.len());
    file + &format!(
        "xref\n0 {size}\n0000000000 65535 f \n{offsets}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depot() -> Depot {
        Depot::new(Partner {
            token: "token".to_owned(),
            code: "S1".to_owned(),
            webhook_secret: "hook".to_owned(),
            webhook_url: "http://127.0.0.1:9/".parse().unwrap(),
        })
    }

    fn order(id: &str) -> Value {
        json!({"order": {"id": id, "pick_address": "1 A", "pick_province": "B", "pick_district": "C", "pick_tel": "1",
            "name": "An", "address": "2 D", "province": "E", "district": "F", "tel": "2", "pick_money": 5}})
    }

    #[test]
    fn an_order_is_taken_once_and_refused_as_often_as_wished() {
        let depot = depot();
        depot.refuse(1, 0);
        assert_eq!(depot.order(&order("a"))["success"], false);
        let taken = depot.order(&order("a"));
        let again = depot.order(&order("a"));
        assert_eq!(
            (&again["error"]["code"], &again["error"]["ghtk_label"]),
            (&json!("ORDER_ID_EXIST"), &taken["order"]["label"])
        );
        assert_eq!(depot.order(&order(""))["message"], "id is missing");
    }

    #[test]
    fn a_label_is_a_pdf_whose_table_points_at_its_objects() {
        let depot = depot();
        depot.order(&order("a"));
        let label = depot.parcels()["a"].label.clone();
        let pdf = depot.label(&label).unwrap();
        assert!(pdf.starts_with("%PDF-") && pdf.contains(&label) && pdf.ends_with("%%EOF\n"));
        let number = |text: &str| text.trim().parse::<usize>().unwrap();
        let table = number(pdf.rsplit("startxref").next().unwrap().trim_end_matches("%%EOF\n"));
        let entries = pdf[table..].lines().filter(|line| line.ends_with(" n ") || line.ends_with(" n"));
        for (entry, object) in entries.zip(1..) {
            assert!(pdf[number(&entry[..10])..].starts_with(&format!("{object} 0 obj")), "{entry}");
        }
        assert_eq!(depot.label("nothing"), None);
    }

    #[tokio::test]
    async fn an_order_is_cancelled_until_it_is_fetched_and_again() {
        let depot = depot();
        for id in ["a", "b"] {
            depot.order(&order(id));
        }
        let label = depot.parcels()["a"].label.clone();
        assert_eq!(depot.cancel(&label).1.as_deref(), Some("a"));
        let (again, reported) = depot.cancel("partner_id:a");
        assert_eq!((&again["success"], reported), (&json!(true), None));
        let silent = Manner { silent: true, ..PLAIN };
        assert_eq!(depot.report("b", &[3], &silent).await, Some(Vec::new()));
        assert_eq!(depot.cancel("partner_id:b").0["success"], false);
        assert_eq!(depot.cancel("nothing").0["success"], false);
        assert_eq!(depot.report("nothing", &[3], &PLAIN).await, None);
    }
}
