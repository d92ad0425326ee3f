package correlate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// The judges that look at the client's own history, and at what it sent.

// challenge knows a refusal that is a step of a handshake: the client comes back
// at once with credentials and is accepted (RFC 9110 section 11.1).
func challenge(_ *Tracker, f *held) (v rules.Verdict, ok bool) {
	if !mayBeChallenge(f) {
		return v, false
	}
	switch {
	case f.refreshed && f.recovered && maybeFirstToken(f):
		return correlated(rules.BenignChallenge, 0.85, "the client got a token and was accepted on the same path", maybe(f.Fail.Cause, 0.1)), true
	case f.retried && !f.refreshed && f.retrySent != parsers.SentAbsent:
		confidence := float32(0.85)
		if f.Sent == parsers.SentAbsent || f.retrySent == parsers.SentPresent {
			confidence = 0.95
		}
		return correlated(rules.BenignChallenge, confidence, "the same client was accepted on the same path within two seconds", maybe(f.Fail.Cause, 1-confidence)), true
	case f.typed:
		return correlated(rules.BenignChallenge, 0.8, "the browser asked for a password, and the client was accepted on the same path with one", maybe(f.Fail.Cause, 0.2)), true
	}
	return v, false
}

// mayBeChallenge reports that f may be a step of a handshake.
func mayBeChallenge(f *held) bool {
	if f.Sent == parsers.SentPresent || f.Kind != detectors.Request || f.Status != 0 && f.Status != 401 && f.Status != 407 {
		return false
	}
	switch f.Fail.Cause {
	case rules.Unknown, rules.MissingCredentials, rules.BenignChallenge, rules.DigestStaleNonce, rules.KerberosNTLMFailure:
		return true
	}
	return false
}

// maybeFirstToken reports that f's client may have had no token yet.
func maybeFirstToken(f *held) bool {
	return f.Sent == parsers.SentAbsent || f.Fail.Cause == rules.MissingCredentials && !f.reached
}

// refreshed knows an access token at its end: refused, renewed, accepted.
func refreshed(_ *Tracker, f *held) (v rules.Verdict, ok bool) {
	if !f.refreshed || !unsaid(f) || f.Kind != detectors.Request {
		return v, false
	}
	if f.recovered {
		return correlated(rules.ExpiredToken, 0.9, "the client got a new token and was accepted on the same path", maybe(f.Fail.Cause, 0.1)), true
	}
	return correlated(rules.ExpiredToken, 0.65, "the client got a new token right after", maybe(f.Fail.Cause, 0.3)), true
}

// sessionEnded knows that neither the access token nor the refresh token is
// accepted any more.
func sessionEnded(_ *Tracker, f *held) (v rules.Verdict, ok bool) {
	switch {
	case f.refused && unsaid(f) && f.Kind == detectors.Request:
		return correlated(rules.ExpiredSession, 0.75, "the token endpoint gave the client no new token", maybe(rules.RevokedToken, 0.2)), true
	case f.renewal && f.Kind == detectors.Token && (unsaid(f) || saysNoGrant(f)):
		return correlated(rules.ExpiredSession, 0.7, "no new token for a client whose last request was refused", maybe(rules.RevokedToken, 0.2), maybe(f.Fail.Cause, 0.1)), true
	}
	return v, false
}

// saysNoGrant reports that f's words are what token endpoints say of any grant that
// they don't take.
func saysNoGrant(f *held) bool {
	switch f.Fail.Cause {
	case rules.OIDCFlowFailure:
		return true
	case rules.BadCredentials, rules.MissingCredentials:
		return f.Fail.Tier <= rules.TierWord
	}
	return false
}

// sessionCookie tells a session that ended from a visitor who never had one,
// where the answer is a way to the login page.
func sessionCookie(_ *Tracker, f *held) (v rules.Verdict, ok bool) {
	redirect := f.Status >= 300 && f.Status < 400
	if !f.reached || f.Sent == parsers.SentAbsent || !redirect && !allows(f, rules.ExpiredSession) || !unsaid(f) && f.Fail.Cause != rules.MissingCredentials {
		return v, false
	}
	return correlated(rules.ExpiredSession, 0.65, "the client had been accepted on the same path before", maybe(rules.MissingCredentials, 0.3)), true
}

// csrf knows a form that is shown and then refused.
func csrf(_ *Tracker, f *held) (v rules.Verdict, ok bool) {
	if f.Fail.Cause == rules.CSRFFailure || f.Method != detectors.MethodPost && f.Method != detectors.MethodOther || f.Kind == detectors.Token ||
		!f.reached || !allows(f, rules.CSRFFailure) || !unsaid(f) {
		return v, false
	}
	return correlated(rules.CSRFFailure, 0.6, "the client could read the page and not send its form", maybe(f.Fail.Cause, 0.3)), true
}

// lockReach is how long a lockout is taken to last; products' defaults lie
// between five minutes and half an hour.
const lockReach = int64(15 * time.Minute)

// locked knows that an account was said to be locked shortly before, while this
// line says no more than that the login failed.
func locked(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	if f.User == "" || f.Fail.Cause != rules.BadCredentials && f.Fail.Cause != rules.Unknown || f.Kind == detectors.Token {
		return v, false
	}
	at := t.lockouts.get(t.names.String(f.User))
	if at == nil || *at > f.Time || f.Time-*at > lockReach {
		return v, false
	}
	return correlated(rules.AccountLockedOrDisabled, 0.7, fmt.Sprintf("the account was said to be locked %s before", seconds(f.Time-*at)), maybe(f.Fail.Cause, 0.3)), true
}

// foreignToken knows one client alone whose tokens, more than one, never were accepted
// while others are: they come from another environment, or are forged.
func foreignToken(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	if f.class != signature || f.regular || f.Sent == parsers.SentAbsent {
		return v, false
	}
	all, _ := t.crowds.get(onPath(0, f.class)).distinct(f.Time-10*span, f.Time+10*span)
	good, bad := t.siteSums(f, f.Path, -15*span, 15*span)
	if all != 1 || good < 3 || bad < 2 {
		return v, false
	}
	if !steady(f) {
		v = f.Fail.Verdict
		v.Candidates = withCandidate(v.Candidates, v.Cause, rules.WrongIssuer, 0.2)
		return v, true
	}
	return correlated(rules.WrongIssuer, 0.6, "the signatures of one client alone are refused, from its first request on, while others are accepted",
		maybe(rules.InvalidSignature, 0.2), maybe(rules.WrongAudience, 0.15)), true
}

// steady reports that f's client may use one token all the time: who makes tokens up
// is in a hurry, and sends other kinds, too.
func steady(f *held) bool {
	const hurry = int64(5 * time.Second)
	if f.refusals > 0 && (f.sinceRefusal < hurry || f.root > rules.Unknown && f.root != rules.InvalidSignature && f.root != rules.UnknownKey) {
		return false
	}
	return f.newer == nil || f.newer.Time-f.Time >= hurry
}

// lostOnTheWay knows a header that is gone behind the edge, where the application says no
// more than that it knows nobody: no request with credentials is accepted on this path,
// and their clients are on others.
func lostOnTheWay(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	if !mayBeLost(t, f) {
		return v, false
	}
	if _, bad := t.siteSums(f, f.Path, -15*span, endpointWindow); bad < 3 {
		return v, false
	}
	return correlated(rules.ProxyStrippedHeader, 0.7, "the edge saw credentials, the application knew nobody; nobody was accepted on this path, its clients are on others",
		maybe(rules.InvalidToken, 0.15), maybe(rules.WrongEndpoint, 0.1)), true
}

// mayBeLost reports what lostOnTheWay knows of one request.
func mayBeLost(t *Tracker, f *held) bool {
	return f.Fail.Cause == rules.Unknown && f.Sent == parsers.SentPresent && f.Kind == detectors.Request && f.Path != 0 && allows(f, rules.ProxyStrippedHeader) &&
		t.worked(f.Path) == 0 && t.acceptedElsewhere(f) && t.routes.lost == 0
}

// wrongEndpoint knows a path that nobody ever reached, asked for by a client that
// is accepted elsewhere.
func wrongEndpoint(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	if f.Kind != detectors.Request || f.Path == 0 || t.routes.lost > 0 {
		return v, false
	}
	said := allows(f, rules.WrongEndpoint)
	if f.Fail.Cause == rules.WrongEndpoint || !said && onlyNamed(f) || !said && (f.Fail.Cause != rules.Unknown && f.Fail.Tier != rules.TierStatus || f.Sent != parsers.SentPresent) || t.worked(f.Path) > 0 || !t.acceptedElsewhere(f) {
		return v, false
	}
	confidence := float32(0.5)
	if said {
		confidence = 0.75
	} else if _, bad := t.siteSums(f, f.Path, -15*span, endpointWindow); bad < 3 {
		return v, false // paths that hold a number are asked for once
	}
	return correlated(rules.WrongEndpoint, confidence, "nobody was accepted on this path, its clients are on others", maybe(f.Fail.Cause, 0.2), maybe(rules.InsufficientPermission, 0.2)), true
}

// acceptedElsewhere reports that f's client, or another that asked for the same
// path before, was accepted on other paths.
func (t *Tracker) acceptedElsewhere(f *held) bool {
	if t.misses.get(f.Path) != nil {
		return true
	}
	c := t.clients.get(f.key)
	return c != nil && c.accepted != 0
}

// sent narrows what the line leaves open by whether credentials were sent.
func sent(_ *Tracker, f *held) (v rules.Verdict, ok bool) {
	v = f.Fail.Verdict
	switch {
	case f.Sent == parsers.SentAbsent && v.Cause == rules.Unknown && (f.Status == 401 || f.Status == 407),
		f.Sent == parsers.SentAbsent && v.Cause == rules.InsufficientPermission && allows(f, rules.MissingCredentials):
		if f.Kind == detectors.Request {
			return correlated(rules.MissingCredentials, 0.85, "the request came without credentials", maybe(v.Cause, 0.15)), true
		}
	case f.Sent == parsers.SentPresent && len(v.Candidates) > 0 && v.Cause != rules.MissingCredentials:
		v.Candidates = slices.DeleteFunc(slices.Clone(v.Candidates), func(c rules.Candidate) bool { return c.Cause == rules.MissingCredentials })
		if len(v.Candidates) < 2 {
			v.Candidates = nil
		}
		return v, true
	}
	return v, false
}

// throttled knows what a throttle or a ban came from: the refusals of the same
// client before it are to be mended first.
func throttled(_ *Tracker, f *held) (v rules.Verdict, ok bool) {
	switch said := f.Fail.Cause == rules.RateLimitedOrBlocked; {
	case f.refusals < 5, !said && (f.refusals < 10 || f.Status != 429 && f.Status != 403 || f.Fail.Tier != rules.TierStatus && f.Fail.Cause != rules.Unknown):
		return v, false
	case said:
		v = correlated(rules.RateLimitedOrBlocked, max(0.85, f.Fail.Confidence), "", maybe(f.root, 0.3))
	default:
		v = correlated(rules.RateLimitedOrBlocked, 0.6, "", maybe(f.Fail.Cause, 0.2), maybe(f.root, 0.2))
	}
	v.Evidence = fmt.Sprintf("after %d refusals of the same client, the last %s before", f.refusals, seconds(f.sinceRefusal))
	if f.root > rules.Unknown {
		v.Evidence += " (" + f.root.String() + ")"
	}
	return v, true
}

// foreignNonce tells a nonce that another server gave out from one used twice:
// each process has a secret of its own to make them with.
func foreignNonce(_ *Tracker, f *held) (v rules.Verdict, ok bool) {
	if f.Fail.Cause != rules.DigestReplay && f.Fail.Cause != rules.DigestStaleNonce || f.Replica == 0 || f.served == 0 || f.served == f.Replica {
		return v, false
	}
	return correlated(rules.DigestStaleNonce, 0.8, "the client's request before was answered by another server, whose nonces this one doesn't know",
		maybe(rules.DigestReplay, 0.1), maybe(rules.ServerMisconfiguration, 0.1)), true
}

// accountReach is how long a name that was accepted is taken to go with the right password.
const accountReach = int64(15 * time.Minute)

// onlyNamed reports that f is a refusal of which nothing but a name is known.
func onlyNamed(f *held) bool {
	return f.User != "" && f.Kind == detectors.Request && (f.Status == 401 || f.Status == 407) && f.Fail.Tier == rules.TierStatus &&
		(f.Fail.Cause == rules.BadCredentials || f.Fail.Cause == rules.Unknown)
}

// forbiddenName tells a wrong password from a right one that doesn't open this
// path: Apache's Require answers 401, too.
func forbiddenName(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	a := t.account(f)
	if a == nil || !f.named || a.client != f.key || a.accepted <= f.Time {
		return v, false
	}
	if c := t.clients.get(f.key); c == nil || c.reached(f.Path) {
		return v, false
	}
	return correlated(rules.InsufficientPermission, 0.75, "the same client and name were accepted on other paths before and after",
		maybe(rules.BadCredentials, 0.2)), true
}

// nameNoLongerTaken knows a name that was accepted and is not any more, from none
// of the clients that use it.
func nameNoLongerTaken(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	a := t.account(f)
	if a == nil || a.accepted == 0 || a.accepted > f.Time || !f.reached && !f.named {
		return v, false
	}
	if a.others {
		return correlated(rules.AccountLockedOrDisabled, 0.55, "the name was accepted before, and is no longer from any of its clients: locked, or its password was changed",
			maybe(rules.BadCredentials, 0.4)), true
	}
	return correlated(rules.BadCredentials, 0.65, fmt.Sprintf("the name was accepted until %s before: its password was changed, or it was locked", seconds(f.Time-a.accepted)),
		maybe(rules.AccountLockedOrDisabled, 0.3)), true
}

// account returns what is known of the name with which f was refused, nil where
// it doesn't matter.
func (t *Tracker) account(f *held) *account {
	if !onlyNamed(f) || f.key == 0 {
		return nil
	}
	return t.accounts.get(t.names.String(f.User))
}

// saysOld tells "Signature expired" and "the difference between the request time and
// the current time" from words for what isn't valid yet.
func saysOld(words string) bool {
	return strings.Contains(words, "xpired") || strings.Contains(words, "equest")
}

// whoseClock tells clocks that differ from tokens that are old, where the server's
// words print the times; and says whose clock is off: of one client alone, it is that
// of who made its tokens; of all, the server's.
func whoseClock(t *Tracker, f *held) (v rules.Verdict, ok bool) {
	if f.class != timing {
		return v, false
	}
	v = f.Fail.Verdict
	off := time.Duration(f.Fail.Lapse).Abs().Round(time.Second)
	switch {
	case v.Cause == rules.ClockSkew && f.kept && f.Fail.Lapse > 0 && saysOld(v.Evidence):
		return correlated(rules.ExpiredToken, 0.75, fmt.Sprintf("%s old by now and older with each try: credentials that are kept or replayed, not a clock", off),
			maybe(rules.ClockSkew, 0.2)), true
	case v.Cause == rules.ExpiredToken && f.steady:
		v = correlated(rules.ClockSkew, 0.75, fmt.Sprintf("off by %s each time and never accepted in between: clocks differ by at least as much", off), maybe(rules.ExpiredToken, 0.25))
	case v.Cause != rules.ClockSkew:
		return v, false
	case off > 0:
		v.Evidence += "; off by " + off.String()
	}
	ok = off > 0
	all, _ := t.crowds.get(onPath(0, timing)).distinct(f.Time-10*span, f.Time+10*span)
	good, bad := t.siteSums(f, 0, -10*span, 10*span)
	switch {
	case all == 1 && bad >= 2 && good >= 3:
		v.Evidence += "; of this client alone, others are accepted: its clock, or that of who makes its tokens, is off"
	case all >= 3 && good*10 <= bad:
		v.Evidence += "; of " + clients(all) + " at once, nearly nobody is accepted: the clock of this server or of who makes the tokens is off"
	default:
		return v, ok
	}
	v.Confidence = max(v.Confidence, 0.9)
	return v, true
}
