//! A PostgreSQL of the test's own: its programs from the system, its data in a temporary directory, no TCP port.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio_postgres::{Client, NoTls};

/// A running database. It is ended, and its data removed, when the test is done with it.
pub struct Postgres {
    process: Child,
    directory: PathBuf,
    /// What it is reached by.
    pub url: String,
}

impl Postgres {
    /// Starts one; none where its programs are not installed.
    pub async fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("skipped: PostgreSQL (initdb, postgres) is neither on PATH nor in /usr/lib/postgresql");
            return None;
        };
        // Short, since the socket's path must be.
        let directory = std::env::temp_dir().join(format!("arena-pg-{}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir(&directory).unwrap();
        let user = Unprivileged::of(&directory);
        let data = directory.join("data");
        let made = user
            .command(&programs.join("initdb"))
            .arg("--pgdata")
            .arg(&data)
            .args(["--username=bench", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let process = user
            .command(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&directory)
            .args(["-h", "", "-p", "5432", "-F", "-c", "shared_buffers=16MB", "-c", "max_connections=16"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let host = directory.to_str().unwrap().replace('/', "%2F");
        let postgres = Self { process, directory, url: format!("postgres://bench@{host}/postgres") };
        postgres.seed().await;
        Some(postgres)
    }

    /// The arena's table, with a thousand rows. Ids 1 to 4 are electronics, office, tools, toys, and so on.
    async fn seed(&self) {
        let client = loop {
            match self.connect().await {
                Ok(client) => break client,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        client
            .batch_execute(
                "CREATE TABLE items (
                     id INTEGER PRIMARY KEY,
                     name TEXT NOT NULL,
                     category TEXT NOT NULL,
                     price INTEGER NOT NULL,
                     quantity INTEGER NOT NULL,
                     active BOOLEAN NOT NULL,
                     tags JSONB NOT NULL,
                     rating_score INTEGER NOT NULL,
                     rating_count INTEGER NOT NULL
                 );
                 INSERT INTO items
                 SELECT id, 'Widget ' || id, (ARRAY['toys', 'electronics', 'office', 'tools'])[id % 4 + 1],
                        id % 500, id % 100, id % 2 = 0, '[\"fast\", \"new\"]', id % 50, id
                 FROM generate_series(1, 1000) AS id",
            )
            .await
            .unwrap();
    }

    /// A connection beside those of the process under test.
    pub async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // At once, but so that it ends its own processes.
        let _ = Command::new("kill").arg("-QUIT").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Where its programs are: on `PATH`, or of Debian's versions the first that is found.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = versions.map(|version| version.path().join("bin"));
    std::env::split_paths(&path)
        .chain(versions)
        .find(|directory| ["initdb", "postgres"].iter().all(|name| directory.join(name).is_file()))
}

/// PostgreSQL refuses to run as root: then it runs as `nobody`.
struct Unprivileged {
    is_root: bool,
}

/// By custom.
const NOBODY: u32 = 65_534;

impl Unprivileged {
    /// The owner of the directory is whoever runs the test; if that is root, it is handed to the other.
    #[cfg(unix)]
    fn of(directory: &Path) -> Self {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};

        let is_root = fs::metadata(directory).unwrap().uid() == 0;
        if is_root {
            chown(directory, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
        Self { is_root }
    }

    #[cfg(not(unix))]
    fn of(_: &Path) -> Self {
        Self { is_root: false }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.stdin(Stdio::null()).stdout(Stdio::null()).current_dir(std::env::temp_dir());
        #[cfg(unix)]
        if self.is_root {
            use std::os::unix::process::CommandExt as _;

            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}
