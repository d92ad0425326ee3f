package rules

import (
	"bytes"
	"slices"

	"why401/parsers"
)

// Whether a record says at all that something failed, that somebody was refused, and
// that it is about a request.

func (c *Classifier) failedOnce(r *parsers.Record) bool {
	if !c.known {
		c.known, c.failure = true, c.failed(r)
	}
	return c.failure
}

// failed reports whether r shows that something failed at all. Shared words need
// it: a text may talk of expired tokens for many reasons.
func (c *Classifier) failed(r *parsers.Record) bool {
	failed, said := outcome(r)
	if said && (failed || r.Outcome == parsers.Success) {
		return failed
	}
	if ok, _ := c.set.failure.holds(r, c.hay); ok {
		return !said || c.secured(r) // a form may be answered with 200 or 302 whatever became of the login
	}
	if said {
		return false
	}
	// What is expired, revoked or locked may be routine where the level says so.
	ok, _ := c.set.state.holds(r, c.hay)
	return ok && (len(r.Level) == 0 || r.Level[0]|0x20 == 'n') // notice
}

// outcome reports whether r failed, as far as something but its words says so.
func outcome(r *parsers.Record) (failed, said bool) {
	switch {
	case r.Outcome == parsers.Success:
		return false, true
	case r.Status >= 400, r.Outcome == parsers.Failure, warns(r.Level), len(errorType(r)) > 0:
		return true, true
	case 200 <= r.Status && r.Status < 400 && (len(r.Method) > 0 || len(r.Path) > 0): // else it may be a number of the product's own
		return false, true
	}
	return false, false
}

// complains reports whether r's words may say that something failed, before they
// are read as rules see them.
func (s *Set) complains(r *parsers.Record) bool {
	return s.fails.in(message(r)) || s.fails.in(r.Code) || s.fails.in(r.Challenge)
}

// failureWords say that something was refused or went wrong; stateWords that
// something is in a state that may be a reason. As all such lists they are compiled
// with the rules: run go generate after a change.
func failureWords(words lists) Condition {
	return Condition{Field: "keywords", Op: Contains, Values: append([]string{
		"fail", "denied", "deny", "reject", "refus", "invalid", "unauthori", "forbidden", "error", "exception", "mismatch",
		"not match", "not valid", "unsuccessful", "incorrect", "wrong", "not found", "not allowed", "unable", "could not",
		"cannot", "can't", "missing", "required", "requires", "empty", "too large", "no ", "lacks", "without", "exceeded",
		"illegal", "violat", "absent", "declined", "timed out", "timeout", "unavailable", "unknown", "malformed", "bad",
		"no such", "rejecting", "not ", "unsupported", "challenge", "too many", "was blocked", "panic", "out of bounds",
		"been used", "was disabled", "aborted", "halted", "disallow", "does not", "does not", "did not", "insufficient",
		"expects", "expected", "got ", "violation", "please", "must be", "need", "another", "differs", "already used",
		"outside", "seen before", "not_authed", "correct username", "correct password", "check your", "ahead of",
		"has been closed", "revocation list", "=false", "must change", "older than", "replay", "is expired", "has expired",
		"jwt expired", "was revoked", "been revoked", "is revoked", "is locked", "is disabled", "been disabled", "redeemed", "been consumed", "attempted",
		"disconnected from auth", "closed by auth", "have to be", "has to be", "must use", "must sign", "must log", "excessive", "corrupt", "tampered", "manipulated", "authfail",
	}, slices.Concat(words["wrong"], words["missing"], words["unknown"], words["unreachable"],
		words["wrong_abroad"], words["failed_abroad"], words["unknown_abroad"], words["missing_abroad"])...)}
}

var stateWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"expired", "revoked", "blocked", "locked", "disabled", "stale", "blacklisted", "inactive", "banned", "suspended", "deactivated",
	"frozen", "archived", "inactivated", "consumed", "lapsed", "unverified", "unconfirmed", "removed", "restricted", "throttl", "lockout",
}}

// refused reports whether r says that somebody was refused.
func (c *Classifier) refused(r *parsers.Record) bool {
	if turnsAway(r) || r.Outcome == parsers.Success {
		return r.Outcome != parsers.Success
	}
	ok, _ := c.set.refusal.holds(r, c.hay)
	return ok
}

// turnsAway reports whether r says by its status or outcome that somebody was refused.
func turnsAway(r *parsers.Record) bool {
	return r.Status == 401 || r.Status == 403 || r.Status == 407 || r.Outcome == parsers.Failure
}

var refusalWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"refused", "refusing", "rejected", "rejecting", "denied", "denying", "unauthori", "unauthenticated", "forbidden", "auth fail", "auth*failed",
	"login fail", "failed login", "not authorized", "not authenticated", "declined", "disallowed", "not have permission", "no permission",
	"lacks permission", "insufficient",
}}

// worldly are causes whose words other matters have too: packages have signatures,
// and clocks are set.
var worldly = [NumCauses]bool{InvalidSignature: true, ClockSkew: true, OIDCFlowFailure: true, NetworkPolicyBlock: true, UnknownKey: true}

// inContext reports whether r is about a request, a login or what is sent with them.
func (c *Classifier) inContext(r *parsers.Record) bool {
	if r.Status >= 400 || len(r.Client) > 0 || len(r.User) > 0 || len(r.Path) > 0 || r.Outcome != parsers.OutcomeUnknown {
		return true
	}
	ok, _ := c.set.context.holds(r, c.hay)
	if !ok {
		ok, _ = c.set.context.holdsIn(c.hay, c.hay.logger)
	}
	return ok
}

var contextWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"auth", "login", "logon", "log in", "sign in", "signin", "signed in", "password", "passw", "credential", "token", "jwt", "jws",
	"bearer", "user", "account", "session", "cookie", "api key", "apikey", "access key", "csrf", "xsrf", "oauth", "oidc", "openid", "saml", "sso",
	"ldap", "kerberos", "krb", "gss", "spnego", "ntlm", "mfa", "otp", "2fa", "client", "request", "caller", "principal", "identity", "role", "roles",
	"scope", "http", "header", "peer", "admin", "jwks", "kid", "iat", "nbf", "issuer", "audience", "webhook", "hmac", "rbac", "acl", "policy", "security",
	"assertion", "nonce", "digest", "signed", "signing", "publickey", "ssh", "sasl", "eap", "radius", "pam", "su", "sudo", "permissions", "subject", "tenant", "query", "guard",
	"topic", "grant", "callback", "pkce", "consent", "state parameter", "redirect", "iam", "certificate", "refused", "signatureexception", "secured", "resource", "namespace", "operation", "forbidden",
}}

// settled reports whether r says, as routine, that what failed was done another way,
// or tells of many tokens, logins or accounts: a request has one.
func (c *Classifier) settled(r *parsers.Record, at span) bool {
	if !routine(r.Level) || r.Status >= 400 || r.Outcome == parsers.Failure {
		return false
	}
	for at.to < c.hay.reason.to && !c.hay.edge[at.to] {
		at.to++
	}
	if c.count(&c.set.settled, c.hay.reason, 1) > 0 || bytes.HasSuffix(message(r), []byte(": ok")) {
		return true
	}
	return len(r.Client) == 0 && len(r.User) == 0 && c.count(&c.set.many, at, 1) > 0 && c.hay.index("toomany", 0, c.hay.reason.to) < 0
}

var manyWords = Condition{Field: "keywords", Op: Words, Values: []string{"tokens", "sessions", "accounts", "logins", "users", "passwords", "certificates", "clients", "requests"}}

var settledWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"refreshed", "refreshing", "renewed", "renewing", "reacquired", "reacquiring", "retry succeeded", "recovered", "restored", "approved",
	"resolved", "skipped for", "transparently", "falling back", "fell back", "reconnected",
	"switched to", "logged out", "removed", "deleted", "lifted", "cleared", "as expected", "stats", "statistics", "summary", "will be rejected", "will be refused", "will be denied", "are refused",
	"are rejected", "are answered", "are denied", "are deleted", "are locked", "are blocked", "is allowed", "access allowed", "by admin", "by the admin",
	"by operator", "by support", "by helpdesk", "by owner",
}}

// routine reports whether a level is one of what goes as it should.
func routine(level []byte) bool {
	if len(level) == 0 {
		return false
	}
	switch level[0] | 0x20 {
	case 'i', 'd', 't', 'v': // info, debug, trace, verbose
		return true
	}
	return false
}

// warns reports whether a level is that of a warning or worse.
func warns(level []byte) bool {
	if len(level) == 0 {
		return false
	}
	switch level[0] | 0x20 {
	case 'w', 'e', 'f', 'c', 'p', 'a': // warn, error, fatal, critical, crit, panic, alert
		return len(level) > 1 || level[0] == 'W' || level[0] == 'E' || level[0] == 'F'
	case 's': // severe
		return true
	}
	return len(level) == 2 && (level[0] == '4' || level[0] == '5' || level[0] == '6') && level[1] == '0' // bunyan, pino
}
