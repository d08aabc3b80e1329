//! New certificates under way.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::acceptor::{Acceptor, Current};
use super::settings::{Protocols, Settings};
use super::{Tls, TlsCertificate, TlsError};

/// Brings new certificates into a running server.
///
/// Handshakes that begin afterwards use them; connections that exist go on. Where something is wrong with the new ones
/// all stays as it was. Clones are the same reloader.
///
/// ```no_run
/// use waypost::{Tls, TlsReloader};
///
/// # async fn example() -> Result<(), waypost::TlsError> {
/// let tls = Tls::from_pem_files("fullchain.pem", "privkey.pem")?;
/// let reloader: TlsReloader = tls.reloader();
/// tokio::spawn(async move {
///     let mut daily = tokio::time::interval(std::time::Duration::from_secs(24 * 3600));
///     loop {
///         daily.tick().await;
///         if let Err(error) = reloader.reload() {
///             eprintln!("the certificates stay as they are: {error}");
///         }
///     }
/// });
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TlsReloader {
    shared: Arc<Shared>,
}

/// What a `Tls`, its reloaders and its acceptors have in common.
pub(super) struct Shared(Mutex<State>);

pub(super) struct State {
    pub(super) settings: Settings,
    /// One for every server.
    acceptors: Vec<Weak<Current>>,
}

impl Shared {
    pub(super) fn new(settings: Settings) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { settings, acceptors: Vec::new() })))
    }

    /// Settings are replaced as a whole, so there are no halves of them to be seen after a panic.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn acceptor(&self, protocols: Protocols) -> Result<Acceptor, TlsError> {
        let mut state = self.lock();
        let current = Current::new(&state.settings, protocols)?;
        state.acceptors.retain(|acceptor| acceptor.strong_count() > 0);
        state.acceptors.push(Arc::downgrade(&current));
        Ok(Acceptor::new(current))
    }
}

impl State {
    /// All of it, or nothing.
    fn put_in_force(&mut self, settings: Settings) -> Result<(), TlsError> {
        let acceptors: Vec<_> = self.acceptors.iter().filter_map(Weak::upgrade).collect();
        let prepared: Result<Vec<_>, _> =
            acceptors.iter().map(|acceptor| acceptor.prepare(&settings)).collect();
        for (acceptor, config) in acceptors.iter().zip(prepared?) {
            acceptor.set(config);
        }
        self.settings = settings;
        Ok(())
    }
}

impl TlsReloader {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Reads all files again, and puts what they hold in force. What came from memory stays.
    ///
    /// Sessions of clients go on. It reads files and blocks meanwhile, which for a handful of them is short; where they
    /// are many or far away, call it in `tokio::task::spawn_blocking`.
    ///
    /// ```no_run
    /// # fn example(reloader: waypost::TlsReloader) {
    /// match reloader.reload() {
    ///     Ok(()) => println!("the new certificates are in force"),
    ///     Err(error) => eprintln!("the old certificates stay in force: {error}"),
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When one of the files cannot be read or used; then all certificates stay as they were.
    pub fn reload(&self) -> Result<(), TlsError> {
        let mut state = self.shared.lock();
        let fresh = state.settings.reread()?;
        state.put_in_force(fresh)
    }

    /// Puts all of another `Tls` in force: certificates, names, client authorities and all other settings.
    ///
    /// This is for certificates that come from memory, for new names and for a new list of authorities or revocations.
    /// Sessions of clients do not go on, because they may rest on authorities that are not trusted any more.
    ///
    /// ```no_run
    /// use waypost::{ClientAuth, Tls, TlsError, TlsReloader};
    ///
    /// fn load() -> Result<Tls, TlsError> {
    ///     let authority = std::fs::read("ca.pem").unwrap_or_default();
    ///     Ok(Tls::from_pem_files("cert.pem", "key.pem")?.client_auth(ClientAuth::required(authority)?))
    /// }
    ///
    /// fn renew(reloader: &TlsReloader) -> Result<(), TlsError> {
    ///     reloader.replace(load()?)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When the other cannot be put in force; then all stays as it was.
    pub fn replace(&self, tls: Tls) -> Result<(), TlsError> {
        let settings = tls.into_settings();
        self.shared.lock().put_in_force(settings)
    }

    /// The certificates in force, the default one first; none where rustls was configured by hand.
    ///
    /// ```no_run
    /// # fn example(reloader: waypost::TlsReloader) {
    /// let first_to_expire = reloader.certificates().iter().map(|one| one.not_after()).min();
    /// # }
    /// ```
    #[must_use]
    pub fn certificates(&self) -> Vec<TlsCertificate> {
        match &self.shared.lock().settings {
            Settings::Own(own) => own.entries.iter().map(|entry| entry.certificate.clone()).collect(),
            Settings::Rustls { .. } => Vec::new(),
        }
    }
}

impl fmt::Debug for TlsReloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsReloader").field("certificates", &self.certificates()).finish()
    }
}
