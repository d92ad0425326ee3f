// Package exchange judges one request and its answer as a client captured them:
// what was sent against what the answer asks for and says, and the claims of a
// token against the clock. A log shows neither.
package exchange

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"why401/parsers"
	"why401/rules"
)

// A Judgement is why an exchange failed, and what it shows.
type Judgement struct {
	rules.Verdict
	// Seen says in sentences what was sent and answered. It holds no credential
	// and no claim that names a person, but what others wrote: clean it.
	Seen []string
	// Unchallenged means that a refusal lacks the challenge that RFC 9110
	// (sections 11.6.1, 11.7.1) wants.
	Unchallenged bool
}

// Judge judges x. prev and next are the exchanges before and after it in the
// capture, nil where there are none; now is the clock for answers without a Date.
func Judge(c *rules.Classifier, prev, x, next *parsers.Exchange, now time.Time) Judgement {
	j := &judging{x: x, prev: prev, asked: challenges(x.Challenge)}
	j.setClock(now)
	c.Classify(&x.Record, &j.said)
	if _, words, ok := strings.Cut(j.said.Evidence, `error_description="`); ok {
		j.said.Evidence = words
	}
	refused := x.Status == 401 || x.Status == 407
	if refused {
		j.answer()
	}
	j.credentials()
	if !refused && len(j.asked) > 0 {
		j.answer()
	}
	out := Judgement{Verdict: j.verdict(refused, next), Seen: j.sentences}
	out.Unchallenged = refused && x.Response != nil && len(j.asked) == 0
	return out
}

// judging is one judgement on its way.
type judging struct {
	x, prev *parsers.Exchange
	asked   []challenge
	said    rules.Verdict // by the rules, of what the answer says

	at    time.Time // by the clock that counts
	clock string    // what it is
	dated bool      // it is the answer's own
	seen  time.Time // by the client's clock, zero when unknown

	scheme                string // of what was sent
	jwt                   *jwt
	expired, valid, early bool // what its claims say
	sentences             []string
	found                 []finding
}

// A finding is a cause that what was sent shows by itself.
type finding struct {
	cause  rules.Cause
	weight float32
	rule   string
	words  string
	also   []rules.Cause
	weak   bool // it explains a refusal that nothing else explains, and no more
}

func (j *judging) see(format string, args ...any) {
	const most = 24
	if len(j.sentences) < most {
		j.sentences = append(j.sentences, fmt.Sprintf(format, args...))
	}
}

// own notes a cause that what was sent shows.
func (j *judging) own(cause rules.Cause, weight float32, rule, words string, also ...rules.Cause) {
	j.found = append(j.found, finding{cause, weight, cause.String() + "/sent-" + rule, words, also, false})
}

// guess notes a cause that what was sent allows.
func (j *judging) guess(cause rules.Cause, weight float32, rule, words string, also ...rules.Cause) {
	j.found = append(j.found, finding{cause, weight, cause.String() + "/sent-" + rule, words, also, true})
}

// setClock finds the clock to read claims by: the server's, else the client's, else ours.
func (j *judging) setClock(now time.Time) {
	if j.x.Seen != 0 {
		j.seen = time.Unix(0, j.x.Seen).UTC()
	}
	switch {
	case j.x.Time != 0:
		j.at, j.clock, j.dated = time.Unix(0, j.x.Time).UTC(), "the answer's Date", true
	case !j.seen.IsZero():
		j.at, j.clock = j.seen, "the request by the client's clock"
	default:
		j.at, j.clock = now.UTC(), "this machine's clock (the answer has no Date)"
	}
	if j.dated && !j.seen.IsZero() {
		if apart := j.at.Sub(j.seen); apart.Abs() > leeway {
			j.see("The clocks of client and server are %s apart.", span(apart.Abs().Truncate(time.Second)))
		}
	}
}

// answer says what the answer asks for.
func (j *judging) answer() {
	if len(j.asked) == 0 {
		if j.x.Response != nil {
			j.see("The answer asks for no scheme: %s is missing.", map[bool]string{true: "Proxy-Authenticate", false: "WWW-Authenticate"}[j.x.Status == 407])
		}
		return
	}
	var parts []string
	for i := range j.asked {
		c := &j.asked[i]
		part := cut(c.scheme)
		for _, p := range c.params {
			switch strings.ToLower(p.name) {
			case "realm", "error", "error_description", "stale", "scope", "resource_metadata", "algorithm", "qop", "authorization_uri":
				part += " " + p.name + "=" + fmt.Sprintf("%q", cut(p.value))
			}
		}
		parts = append(parts, part)
	}
	j.see("The answer asks for %s.", strings.Join(parts, ", or "))
}

// generic reports whether the answer names no property of what was sent.
func (j *judging) generic() bool {
	v := &j.said
	switch v.Cause {
	case rules.None, rules.Unknown, rules.InvalidToken:
		return true
	case rules.MissingCredentials, rules.BadCredentials, rules.OriginDenied, rules.WrongEndpoint:
		return v.Tier == rules.TierStatus || bytes.Contains(j.x.Challenge, []byte(v.Evidence)) && !bytes.Contains(j.x.Message, []byte(v.Evidence))
	}
	return v.Tier == rules.TierStatus
}

// verdict weighs what the answer says against what was sent.
func (j *judging) verdict(refused bool, next *parsers.Exchange) rules.Verdict {
	said := j.said
	if j.x.TLS != nil {
		return j.certificate()
	}
	if refused && j.firstLeg(next) {
		return rules.Verdict{Cause: rules.BenignChallenge, Confidence: 0.95, Rule: "benign_challenge/answered", Evidence: "the same request was sent again with credentials", Tier: rules.TierCode}
	}
	slices.SortStableFunc(j.found, func(a, b finding) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	var best *finding
	for i := range j.found {
		f := &j.found[i]
		if f.cause == said.Cause && !j.generic() {
			best = f // two witnesses
			break
		}
		if best == nil && (!f.weak || j.generic()) {
			best = f
		}
	}
	if !refused && said.Cause == rules.None {
		if best == nil || best.weak || !j.tokenStatus() || best.cause == rules.MissingCredentials {
			return said
		}
		return j.decide(best, best.weight*0.85)
	}
	if refused && said.Cause == rules.None {
		said = rules.Verdict{Cause: rules.Unknown, Confidence: 0.3}
		j.said = said
	}
	switch {
	case (best == nil || best.weak) && j.saysAbsent():
		// It left the client, and the server has seen none.
		return j.stripped()
	case best == nil:
		return j.doubted(said)
	case best.cause == said.Cause:
		agreed := max(best.weight, said.Confidence)
		if !j.generic() {
			agreed = 1 - (1-best.weight)*(1-said.Confidence)
		}
		if j.x.Sanitised && best.cause == rules.MissingCredentials {
			agreed = best.weight // of a capture that leaves them out anyway
		}
		return j.decide(best, agreed)
	case j.generic(), overrides(best.cause, said.Cause):
		return j.decide(best, best.weight)
	case best.weak:
		return j.doubted(said)
	}
	j.see("The answer's words say %s, and what was sent shows %s.", said.Cause, best.cause)
	said.Confidence = min(said.Confidence, 0.65)
	said.Candidates = []rules.Candidate{{Cause: said.Cause, Weight: said.Confidence}, {Cause: best.cause, Weight: 0.5}}
	return said
}

// tokenStatus reports whether the status is one with which servers refuse tokens, too.
func (j *judging) tokenStatus() bool {
	switch j.x.Status {
	case 400, 403, 419, 422, 440, 498:
		return true
	}
	return false
}

// saysAbsent reports whether the answer says that no credentials came, though a
// token did of which nothing is wrong: by words, or by a Bearer challenge without
// error (RFC 6750, section 3.1) and no words at all.
func (j *judging) saysAbsent() bool {
	if j.jwt == nil || j.expired || j.early {
		return false
	}
	switch j.said.Cause {
	case rules.MissingCredentials:
		return j.said.Tier > rules.TierStatus
	case rules.Unknown, rules.InvalidToken:
		return j.said.Tier == rules.TierStatus && strings.EqualFold(j.scheme, "bearer") && len(j.asked) > 0 && j.asked[0].get("error") == "" && len(j.x.Message) == 0
	}
	return false
}

// stripped is the verdict that credentials got lost on their way.
func (j *judging) stripped() rules.Verdict {
	v := rules.Verdict{Cause: rules.ProxyStrippedHeader, Confidence: 0.5, Rule: "proxy_stripped_header/sent", Tier: rules.TierException, Evidence: j.said.Evidence}
	if len(j.x.Message) > 0 { // said in words
		v.Confidence = 0.75
	}
	j.see("The request carried credentials, and the answer says that none came: something between took them away, or the server reads another header.")
	v.Candidates = []rules.Candidate{{Cause: v.Cause, Weight: v.Confidence}, {Cause: rules.InvalidToken, Weight: 0.4}, {Cause: rules.MissingCredentials, Weight: 0.1}}
	return v
}

// doubted is what the answer says, less sure where claims contradict it.
func (j *judging) doubted(said rules.Verdict) rules.Verdict {
	contradicted := false
	switch said.Cause {
	case rules.ExpiredToken, rules.InvalidSignature, rules.UnknownKey, rules.WrongAudience, rules.WrongIssuer, rules.RevokedToken, rules.MalformedToken:
		contradicted = j.x.Sent == parsers.SentAbsent && !j.login()
	}
	switch said.Cause {
	case rules.ExpiredToken:
		contradicted = contradicted || j.valid
	case rules.ClockSkew:
		contradicted = j.jwt != nil && !j.early && !j.expired && j.valid
	case rules.MissingCredentials:
		contradicted = j.x.Sent == parsers.SentPresent
	}
	if !contradicted {
		return said
	}
	j.see("The answer's words say %s; what was sent doesn't bear them out.", said.Cause)
	said.Confidence = min(said.Confidence, 0.55)
	other := rules.Candidate{Cause: rules.ClockSkew, Weight: 0.35}
	switch {
	case j.x.Sent == parsers.SentAbsent:
		other.Cause = rules.MissingCredentials
	case said.Cause == rules.ClockSkew:
		other.Cause = rules.ExpiredToken
	case said.Cause == rules.MissingCredentials:
		other.Cause = rules.ProxyStrippedHeader
	}
	said.Candidates = []rules.Candidate{{Cause: said.Cause, Weight: said.Confidence}, other}
	return said
}

// overrides reports whether what was sent explains more than the answer's words: a
// server that can't read a header speaks of a token that is wrong, or missing.
func overrides(sent, said rules.Cause) bool {
	switch said {
	case rules.MissingCredentials, rules.BadCredentials:
		return sent == rules.MalformedHeader || sent == rules.WrongScheme || sent == rules.MalformedToken
	case rules.MalformedToken, rules.MalformedHeader, rules.InvalidSignature, rules.UnknownKey, rules.ExpiredToken, rules.RevokedToken:
		switch sent {
		case rules.MissingCredentials, rules.MalformedHeader:
			return true // there was no token to say that of
		case rules.WrongScheme, rules.AlgorithmNotAllowed, rules.MalformedToken:
			return said != rules.ExpiredToken && said != rules.RevokedToken
		}
	}
	return false
}

// decide makes a verdict of a finding, beside what the answer says.
func (j *judging) decide(f *finding, confidence float32) rules.Verdict {
	v := rules.Verdict{Cause: f.cause, Confidence: min(confidence, 0.99), Rule: f.rule, Evidence: f.words, Tier: rules.TierException}
	if j.said.Cause == f.cause && j.said.Evidence != "" {
		v.Evidence, v.Rule, v.Tier = j.said.Evidence+"; "+f.words, j.said.Rule, j.said.Tier
	}
	v.Candidates = []rules.Candidate{{Cause: v.Cause, Weight: v.Confidence}}
	for _, c := range f.also {
		v.Candidates = append(v.Candidates, rules.Candidate{Cause: c, Weight: 0.2})
	}
	for i := range j.found {
		if g := &j.found[i]; g.cause != v.Cause && !f.weak && len(v.Candidates) < 4 && !g.weak {
			v.Candidates = append(v.Candidates, rules.Candidate{Cause: g.cause, Weight: min(g.weight, 0.3)})
		}
	}
	if len(v.Candidates) == 1 {
		v.Candidates = nil
	}
	return v
}

// firstLeg reports whether the exchange is one leg of a handshake: the same request
// follows with credentials for what the answer asks for.
func (j *judging) firstLeg(next *parsers.Exchange) bool {
	x := j.x
	if next == nil || !bytes.Equal(next.Method, x.Method) || !bytes.Equal(next.URL, x.URL) || !bytes.Equal(next.Domain, x.Domain) {
		return false
	}
	now, then := x.Credentials(), next.Request.All("Authorization")
	if x.Status == 407 {
		then = next.Request.All("Proxy-Authorization")
	}
	if len(then) != 1 || len(now) == 1 && bytes.Equal(now[0], then[0]) {
		return false
	}
	scheme, _, _ := bytes.Cut(then[0], []byte{' '})
	for i := range j.asked {
		if strings.EqualFold(j.asked[i].scheme, string(scheme)) {
			return len(now) == 0 || strings.EqualFold(j.scheme, string(scheme)) && (next.Status != 401 && next.Status != 407 || j.asked[i].get("stale") != "")
		}
	}
	return false
}

// certificate judges a connection that the server ended with a TLS alert.
func (j *judging) certificate() rules.Verdict {
	alert := string(j.x.TLS)
	v := rules.Verdict{Cause: rules.MTLSClientCert, Confidence: 0.95, Rule: "mtls_client_cert/alert", Evidence: "TLS alert: " + alert, Tier: rules.TierCode}
	j.see("The server ended the connection with the TLS alert %q.", alert)
	if alert == "handshake failure" || alert == "access denied" {
		v.Confidence = 0.6
		v.Candidates = []rules.Candidate{{Cause: v.Cause, Weight: 0.6}, {Cause: rules.ServerMisconfiguration, Weight: 0.3}}
	}
	return v
}
