// Package rules names why a request was refused. A cause is one YAML file under
// causes/, with its meaning, its remedies and the rules that find it.
package rules

// A Cause is why a request was refused; its String is the id that users see.
type Cause uint8

const (
	None    Cause = iota // nothing failed
	Unknown              // failed, not said why

	MissingCredentials
	MalformedHeader
	WrongScheme
	BadCredentials
	UnknownUser
	AccountLockedOrDisabled
	PasswordExpired
	MFAFailure

	MalformedToken
	ExpiredToken
	ClockSkew
	InvalidSignature
	UnknownKey
	AlgorithmNotAllowed
	WrongIssuer
	WrongAudience
	WrongTokenType
	RevokedToken
	InvalidToken

	ExpiredSession
	CSRFFailure

	InsufficientPermission

	APIKeyMissing
	APIKeyInvalid
	APIKeyExpired

	DigestStaleNonce
	DigestReplay
	OIDCFlowFailure
	InvalidClient
	SAMLFailure
	MTLSClientCert
	KerberosNTLMFailure
	SignatureMismatch

	ProxyStrippedHeader
	CORSPreflight
	WrongEndpoint
	RateLimitedOrBlocked
	NetworkPolicyBlock
	AuthorizerFailure
	OriginDenied

	IDPUnreachable
	ServerMisconfiguration

	BenignChallenge

	NumCauses int = iota
)

var causeIDs = [...]string{
	"none", "unknown",
	"missing_credentials", "malformed_header", "wrong_scheme", "bad_credentials", "unknown_user",
	"account_locked_or_disabled", "password_expired", "mfa_failure",
	"malformed_token", "expired_token", "clock_skew", "invalid_signature", "unknown_key", "algorithm_not_allowed",
	"wrong_issuer", "wrong_audience", "wrong_token_type", "revoked_token", "invalid_token",
	"expired_session", "csrf_failure",
	"insufficient_permission",
	"api_key_missing", "api_key_invalid", "api_key_expired",
	"digest_stale_nonce", "digest_replay", "oidc_flow_failure", "invalid_client", "saml_failure", "mtls_client_cert",
	"kerberos_ntlm_failure", "signature_mismatch",
	"proxy_stripped_header", "cors_preflight", "wrong_endpoint", "rate_limited_or_blocked", "network_policy_block",
	"authorizer_failure", "origin_denied",
	"idp_unreachable", "server_misconfiguration",
	"benign_challenge",
}

func (c Cause) String() string { return causeIDs[c] }

// ParseCause returns the cause with this id.
func ParseCause(id string) (Cause, bool) {
	for i, s := range causeIDs {
		if s == id {
			return Cause(i), true
		}
	}
	return None, false
}

// A Verdict is what the rules say of one record.
type Verdict struct {
	Cause      Cause       // None where nothing failed
	Confidence float32     // 0 to 1: the share of verdicts like this one that are right
	Candidates []Candidate // likeliest first, the cause itself included; nil where there is no other
	Rule       string      // id of the rule that decided: "cause_id/rule-id"
	Evidence   string      // the server's words that decided; not redacted yet in what Classify returns
	Tier       Tier        // how strong the evidence is by its nature
	Signal     Signal
}

// A Candidate is a cause that the text allows, and how likely it is.
type Candidate struct {
	Cause  Cause
	Weight float32
}

// Tier orders evidence: when several records of one request disagree the higher tier decides.
type Tier uint8

const (
	TierStatus    Tier = iota // the status alone
	TierWord                  // words that languages share
	TierException             // an exception class or a library's own sentence
	TierCode                  // a product's code
)

// Signal marks records that are no failure of a request themselves and explain others.
type Signal uint8

const (
	NoSignal         Signal = iota
	SignalRestart           // a server (re)started, loaded a configuration or keys
	SignalDependency        // a call to the identity provider, JWKS, LDAP or auth service failed
)
