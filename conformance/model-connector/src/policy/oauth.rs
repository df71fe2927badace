//! How tokens, keys and consents are dealt with.

/// What the connector does with tokens, keys and consents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oauth {
    /// When a new access token is asked for.
    pub renewal: Renewal,
    /// New access tokens that one request may lead to.
    pub renewals_per_request: u32,
    /// Who asks where several workers meet the same dead token.
    pub renewed_by: RenewedBy,
    /// How a new access token is obtained where there is a refresh token and a password as well.
    pub renews_with: RenewsWith,
    /// What becomes of the request that met a dead token.
    pub refused_request: RefusedRequest,
    /// Attempts at a token request that the instance refuses, the first included.
    pub attempts_at_refused_grant: u32,
    /// How a token request carries its parameters.
    pub parameters: TokenParameters,
    /// Whether a 403 leads to a new token.
    pub renews_after_403: bool,
    /// What an answer without a refresh token is.
    pub no_refresh_token: NoRefreshToken,
    /// What is done with the state of an authorization request.
    pub state: StateParameter,
    /// How the exchange of a code is bound to the request for it.
    pub proof: Proof,
    /// How often a code is exchanged.
    pub code_use: CodeUse,
    /// Whether it keeps what a consent brought for the runs that follow.
    pub keeps_consent: bool,
    /// How long a person is waited for.
    pub patience: Patience,
    /// Whether it reads whom a new grant stands for.
    pub reads_identity: bool,
    /// Whether a new refresh token is tried once before the connection is called good.
    pub tries_refresh_token: bool,
    /// What is done with white space around a client secret.
    pub white_space: WhiteSpace,
    /// Where an API key travels.
    pub api_key: ApiKeyIn,
}

impl Default for Oauth {
    fn default() -> Self {
        Self {
            renewal: Renewal::OnRefusal,
            renewals_per_request: 1,
            renewed_by: RenewedBy::OneForAll,
            renews_with: RenewsWith::RefreshToken,
            refused_request: RefusedRequest::Replayed,
            attempts_at_refused_grant: 1,
            parameters: TokenParameters::Form,
            renews_after_403: false,
            no_refresh_token: NoRefreshToken::GrantAgain,
            state: StateParameter::Verified,
            proof: Proof::S256,
            code_use: CodeUse::Once,
            keeps_consent: true,
            patience: Patience::Limited,
            reads_identity: true,
            tries_refresh_token: true,
            white_space: WhiteSpace::Trimmed,
            api_key: ApiKeyIn::Header,
        }
    }
}

/// When a new access token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// When the instance refuses the one there is.
    OnRefusal,
    /// When it refuses it, and before its time is up by its own account.
    BeforeExpiry,
    /// Before every request.
    EveryRequest,
    /// Never.
    Never,
}

/// Who asks where several workers meet the same dead token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenewedBy {
    /// The first; the others wait and use what it got.
    OneForAll,
    /// Each for itself.
    Each,
}

/// How a new access token is obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenewsWith {
    /// With the refresh token; where that is dead, as the first one was.
    RefreshToken,
    /// As the first one was, where no person is needed for that.
    FirstGrant,
}

/// What becomes of the request that met a dead token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedRequest {
    /// It is sent again with the new one.
    Replayed,
    /// Its answer is taken for the end of the table.
    TakenForTheEnd,
}

/// How a token request carries its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenParameters {
    /// As a form in the body.
    Form,
    /// As JSON in the body.
    Json,
    /// In the URL.
    Url,
}

/// What an answer without a refresh token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRefreshToken {
    /// In order: the grant is made again when its time has come.
    GrantAgain,
    /// An answer that cannot be read.
    Malformed,
}

/// What is done with the state of an authorization request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateParameter {
    /// It is sent, and a callback without it is refused.
    Verified,
    /// It is sent, and no callback is refused for it.
    Unread,
    /// None is sent.
    Absent,
}

/// How the exchange of a code is bound to the request for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// By a verifier of which the request showed the SHA-256 digest.
    S256,
    /// By the client secret alone.
    SecretAlone,
}

/// How often a code is exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeUse {
    /// Once, whatever comes of it.
    Once,
    /// Again after it was refused.
    AgainWhenRefused,
    /// Whenever a browser brings it.
    AtEachCallback,
}

/// How long a person is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// As long as is configured.
    Limited,
    /// For ever.
    Endless,
}

/// What is done with white space around a client secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhiteSpace {
    /// It is taken off, and the user is told.
    Trimmed,
    /// The secret is refused before a byte leaves.
    Refused,
    /// It is sent as it is.
    Sent,
}

/// Where an API key travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyIn {
    /// In a header.
    Header,
    /// In the URL.
    Url,
}
