//! What a seller sees of its own trade.

use std::{cmp::Reverse, collections::HashMap};

use async_graphql::{ComplexObject, Context, Enum, Object, SimpleObject};
use chrono::{Datelike, Days, Months, NaiveDate};
use kernel::{AccountId, Currency};
use sea_orm::DatabaseConnection;
use service_kit::{
    Error, Result, Viewer,
    graphql::{BigInt, CurrencyCode, Money},
};

use super::Product;
use crate::{
    loaders::Loaders,
    store::sales::{Figures, Measure, Span, Step, figures_list, orders_by_period, products_by_measure},
};

/// A person or a shop; buyer and seller at once.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Account {
    /// The account's id.
    pub id: AccountId,
}

/// The most periods of one dashboard.
const PERIODS_MAX: usize = 400;

#[ComplexObject]
impl Account {
    /// How many units the account has sold that were not sent back. A moment behind.
    async fn sold_count(&self, ctx: &Context<'_>) -> Result<BigInt> {
        Ok(BigInt(Loaders::of(ctx)?.sold.load_one(self.id).await?.unwrap_or_default()))
    }

    /// What the account earned and how often its products were looked at, for the account itself; for everybody else
    /// `FORBIDDEN`. A moment behind. `BAD_USER_INPUT` when the days are in the wrong order, make more than 400 periods, or
    /// the time zone does not exist.
    async fn dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: NaiveDate,
        #[graphql(desc = "The last day.")] to: NaiveDate,
        #[graphql(desc = "How days are put together.", default)] by: DashboardStep,
        #[graphql(
            desc = "Whose midnight ends a day: a name of the IANA time zone database, as in `Asia/Ho_Chi_Minh`.",
            default_with = "\"UTC\".to_owned()"
        )]
        time_zone: String,
    ) -> Result<SellerDashboard> {
        if Viewer::of(ctx)?.account_id != self.id {
            return Err(Error::Forbidden);
        }
        if from > to {
            return Err(Error::bad_input("from", "the first day is not after the last"));
        }
        let zone: chrono_tz::Tz = time_zone
            .parse()
            .map_err(|_| Error::bad_input("timeZone", "it is a name of the IANA time zone database"))?;
        let step = Step::from(by);
        let starts = periods(from, to, step);
        if starts.len() > PERIODS_MAX {
            return Err(Error::bad_input("to", format!("a dashboard has at most {PERIODS_MAX} periods")));
        }
        let span = Span { seller_id: self.id, from, to, time_zone: zone.name().to_owned() };
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let figures = figures_list(db, &span, step).await?;
        let orders = orders_by_period(db, &span, step).await?;
        let periods = starts.into_iter().map(|start| SellerPeriod {
            start,
            figures: summed(figures.iter().filter(|row| row.start == start), orders.get(&start).copied()),
        });
        let total = summed(figures.iter(), Some(orders.values().sum()));
        Ok(SellerDashboard { periods: periods.collect(), total, span })
    }
}

/// The first days of the periods of a span; the first may lie before it. At most one more than a dashboard has.
fn periods(from: NaiveDate, to: NaiveDate, step: Step) -> Vec<NaiveDate> {
    let first = match step {
        Step::Day => Some(from),
        Step::Week => from.checked_sub_days(Days::new(from.weekday().num_days_from_monday().into())),
        Step::Month => from.with_day(1),
    };
    let next = |start: &NaiveDate| match step {
        Step::Day => start.checked_add_days(Days::new(1)),
        Step::Week => start.checked_add_days(Days::new(7)),
        Step::Month => start.checked_add_months(Months::new(1)),
    };
    std::iter::successors(first, next).take_while(|start| *start <= to).take(PERIODS_MAX + 1).collect()
}

fn summed<'a>(rows: impl Iterator<Item = &'a Figures>, orders: Option<i64>) -> SellerFigures {
    let mut figures = SellerFigures {
        orders: BigInt(orders.unwrap_or_default()),
        units_sold: BigInt(0),
        units_returned: BigInt(0),
        views: BigInt(0),
        revenue: Vec::new(),
    };
    let mut money: HashMap<Currency, (i64, i64)> = HashMap::new();
    for row in rows {
        figures.units_sold.0 += row.units_sold;
        figures.units_returned.0 += row.units_returned;
        figures.views.0 += row.views;
        if let Ok(currency) = row.currency.parse::<Currency>() {
            let (sold, returned) = money.entry(currency).or_default();
            *sold = sold.saturating_add(row.sold_minor);
            *returned = returned.saturating_add(row.returned_minor);
        }
    }
    figures.revenue = money
        .into_iter()
        .map(|(currency, (sold, returned))| {
            let amount = |minor| kernel::Money::new(minor, currency).into();
            SellerRevenue { sold: amount(sold), returned: amount(returned), net: amount(sold.saturating_sub(returned)) }
        })
        .collect();
    figures.revenue.sort_by_key(|one| Reverse(one.sold.amount_minor.0));
    figures
}

/// What a seller earned in some days, and how often its products were looked at.
pub struct SellerDashboard {
    periods: Vec<SellerPeriod>,
    total: SellerFigures,
    span: Span,
}

/// What a seller earned in some days, and how often its products were looked at.
#[Object]
impl SellerDashboard {
    /// The time zone whose midnights part the days.
    async fn time_zone(&self) -> &str {
        &self.span.time_zone
    }

    /// All days together.
    async fn total(&self) -> &SellerFigures {
        &self.total
    }

    /// The days by period, the oldest first, those in which nothing happened included. The first and the last one hold
    /// only those of their days that were asked for.
    async fn periods(&self) -> &[SellerPeriod] {
        &self.periods
    }

    /// The best products of these days, the best first. Only those of which the measure is above zero.
    async fn top_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the best is told by.", default)] by: TopProductMeasure,
        #[graphql(desc = "In which currency revenue is measured; the one that most was earned in without.")]
        currency: Option<CurrencyCode>,
        #[graphql(desc = "At most how many: 1–50.", default = 10)] first: i32,
    ) -> Result<Vec<SellerTopProduct>> {
        if !(1..=50).contains(&first) {
            return Err(Error::bad_input("first", "it lies between 1 and 50"));
        }
        let earned = self.total.revenue.first().map(|revenue| revenue.sold.currency);
        let currency = currency.or(earned).map(|code| code.0);
        let code = currency.map_or("", |currency| currency.code());
        let db = ctx.data_unchecked::<DatabaseConnection>();
        let rows = products_by_measure(db, &self.span, by.into(), code, first.into()).await?;
        let shown = rows.into_iter().map(|row| SellerTopProduct {
            product: Some(Product { id: row.product_id }),
            units: BigInt(row.units),
            revenue: currency.map(|currency| kernel::Money::new(row.revenue_minor, currency).into()),
            views: BigInt(row.views),
        });
        Ok(shown.collect())
    }
}

/// One day, week or month of a seller.
#[derive(SimpleObject)]
pub struct SellerPeriod {
    /// Its first day, in the time zone of the dashboard.
    pub start: NaiveDate,
    /// What happened in it.
    pub figures: SellerFigures,
}

/// What happened in some days.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SellerFigures {
    /// Orders that were paid; cash on delivery counts when it was delivered.
    pub orders: BigInt,
    /// Units that were paid for.
    pub units_sold: BigInt,
    /// Units for which the money went back. They count on the day on which that was decided.
    pub units_returned: BigInt,
    /// How often others than the seller looked at its products.
    pub views: BigInt,
    /// What was earned, by currency, the currency that most was earned in first.
    pub revenue: Vec<SellerRevenue>,
}

#[ComplexObject]
impl SellerFigures {
    /// Orders for each view, as in 0.04. Null when nothing was viewed.
    async fn conversion(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a ratio is shown with a few digits")]
        let ratio = self.orders.0 as f64 / self.views.0 as f64;
        (self.views.0 > 0).then_some(ratio)
    }
}

/// Money that a seller earned, in one currency: what buyers paid for goods, after promotions, before the marketplace's fee.
#[derive(SimpleObject, Clone, Copy)]
pub struct SellerRevenue {
    /// What was paid.
    pub sold: Money,
    /// What went back.
    pub returned: Money,
    /// What was paid less what went back.
    pub net: Money,
}

/// A product in the list of a seller's best.
#[derive(SimpleObject)]
pub struct SellerTopProduct {
    /// The product. Null when it was deleted.
    pub product: Option<Product>,
    /// Units sold less those that came back.
    pub units: BigInt,
    /// What was paid less what went back, in the currency of the list. Null when nothing was ever sold in these days.
    pub revenue: Option<Money>,
    /// How often others than the seller looked at it.
    pub views: BigInt,
}

/// How the days of a dashboard are put together.
#[derive(Enum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DashboardStep {
    /// Each day alone.
    #[default]
    Day,
    /// By week, from Monday on.
    Week,
    /// By the month of the calendar.
    Month,
}

impl From<DashboardStep> for Step {
    fn from(step: DashboardStep) -> Self {
        match step {
            DashboardStep::Day => Self::Day,
            DashboardStep::Week => Self::Week,
            DashboardStep::Month => Self::Month,
        }
    }
}

/// What the best products of a seller are told by.
#[derive(Enum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TopProductMeasure {
    /// What was paid less what went back.
    #[default]
    Revenue,
    /// Units sold less those that came back.
    Units,
    /// How often others looked at it.
    Views,
}

impl From<TopProductMeasure> for Measure {
    fn from(measure: TopProductMeasure) -> Self {
        match measure {
            TopProductMeasure::Revenue => Self::Revenue,
            TopProductMeasure::Units => Self::Units,
            TopProductMeasure::Views => Self::Views,
        }
    }
}
