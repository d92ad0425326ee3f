package exchange

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"why401/rules"
)

// leeway is how far two clocks may be apart without being called wrong.
const leeway = time.Minute

// token looks at a bearer token: its form and, of a JWT, its claims.
func (j *judging) token(v []byte) {
	switch {
	case altered(v):
		j.see("The token's value was taken out of the capture.")
		return
	case bytes.IndexByte(v, '%') >= 0:
		j.see("The token is encoded as in a URL: %% stands in it.")
		j.own(rules.MalformedToken, 0.88, "percent", "the token is encoded as in a URL")
		return
	}
	t, wrong := readJWT(v)
	switch {
	case wrong != "":
		j.see("The token is no whole JWT: %s.", wrong)
		j.own(rules.MalformedToken, 0.9, "form", "the token is no whole JWT: "+wrong)
	case t == nil:
		j.see("The token is opaque: nothing can be read of it here.")
		j.guess(rules.InvalidToken, 0.5, "opaque", "an opaque token was refused", rules.RevokedToken, rules.ExpiredToken)
	}
	if t == nil {
		return
	}
	j.jwt = t
	j.describe(t)
	if strings.EqualFold(t.alg, "none") {
		j.own(rules.AlgorithmNotAllowed, 0.9, "none", "the token is unsigned (alg none)")
	}
	if t.sealed {
		return
	}
	j.times(t)
	if what, sure := t.purpose(); what != "" {
		j.see("It is %s, and no access token.", what)
		j.own(rules.WrongTokenType, sure, "purpose", "the token is "+what)
	}
	j.audience(t)
	j.scope(t)
	j.guess(rules.InvalidToken, 0.5, "refused", "the token was refused, and nothing that can be read of it says why", rules.InvalidSignature, rules.UnknownKey)
}

// describe says what a token's header and claims are, without those that name a person.
func (j *judging) describe(t *jwt) {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+cut(value))
		}
	}
	add("alg", t.alg)
	add("kid", t.kid)
	add("typ", t.typ)
	kind := "a JWT"
	if t.sealed {
		kind = "an encrypted JWT (JWE), whose claims can't be read"
	}
	j.see("The token is %s: %s.", kind, strings.Join(parts, ", "))
	parts = nil
	add("iss", str(t.claims["iss"]))
	add("aud", strings.Join(t.list("aud"), " "))
	add("scope", strings.Join(t.scopes(), " "))
	var present []string
	for _, name := range persons {
		if _, ok := t.claims[name]; ok {
			present = append(present, name)
		}
	}
	if len(present) > 0 {
		parts = append(parts, strings.Join(present, ", ")+" present")
	}
	if len(parts) > 0 {
		j.see("It claims %s.", strings.Join(parts, "; "))
	}
}

// cut shortens what a token says of itself.
func cut(s string) string {
	const longest = 160
	if len(s) > longest {
		return strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}

// times compares exp, nbf and iat with the clock that counts: that of the answer.
func (j *judging) times(t *jwt) {
	sure := float32(0.94)
	if !j.dated {
		sure = 0.85
	}
	for _, name := range [...]string{"exp", "nbf", "iat"} {
		if t.milliseconds(name) {
			j.see("%s counts milliseconds; RFC 7519 wants seconds.", name)
		}
	}
	exp, hasExp := t.time("exp")
	nbf, hasNbf := t.time("nbf")
	iat, hasIat := t.time("iat")
	lasts := ""
	if hasExp && hasIat && exp.After(iat) {
		lasts = fmt.Sprintf(" It was made for %s.", span(exp.Sub(iat)))
	}
	switch {
	case hasExp && !j.at.Before(exp):
		late := j.at.Sub(exp)
		j.see("It expired %s before %s.%s", span(late), j.clock, lasts)
		said := fmt.Sprintf("exp is %s before %s", span(late), j.clock)
		if !j.seen.IsZero() && exp.After(j.seen) && late > leeway {
			j.own(rules.ClockSkew, 0.6, "clocks", said+", and not yet over by the client's clock", rules.ExpiredToken)
		} else if late <= leeway {
			j.own(rules.ExpiredToken, sure, "exp", said, rules.ClockSkew)
		} else {
			j.own(rules.ExpiredToken, sure, "exp", said)
		}
		j.expired = true
	case hasExp:
		j.see("It is valid for another %s after %s.%s", span(exp.Sub(j.at)), j.clock, lasts)
		j.valid = true
	default:
		j.see("It never expires: it has no exp.")
	}
	for _, early := range [...]struct {
		name, says string
		at         time.Time
		ok         bool
	}{{"nbf", "It is valid only from %s after %s.", nbf, hasNbf}, {"iat", "It was made %s after %s: its issuer's clock is ahead.", iat, hasIat}} {
		ahead := early.at.Sub(j.at)
		if !early.ok || ahead <= 0 {
			continue
		}
		j.see(early.says, span(ahead), j.clock)
		w := sure
		if ahead <= leeway {
			w = 0.6
		}
		j.own(rules.ClockSkew, w, early.name, fmt.Sprintf("%s is %s after %s", early.name, span(ahead), j.clock))
		j.early = true
	}
}

// span says a duration in its two largest units.
func span(d time.Duration) string {
	if d < time.Second {
		return "less than a second"
	}
	units := [...]struct {
		name string
		len  time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}}
	for i, u := range units {
		if d < u.len {
			continue
		}
		out := plural(int64(d/u.len), u.name)
		if i+1 < len(units) {
			if n := int64(d % u.len / units[i+1].len); n > 0 {
				out += " " + plural(n, units[i+1].name)
			}
		}
		return out
	}
	return ""
}

func plural(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// audience compares the token's audience and issuer with the host that was asked.
func (j *judging) audience(t *jwt) {
	host := strings.ToLower(string(j.x.Domain))
	if !isPublic(host) {
		return
	}
	var others []string
	for _, aud := range t.list("aud") {
		u, err := url.Parse(aud)
		if err != nil || u.Host == "" {
			others = nil // not an address: it may well be this API's name
			break
		}
		to := strings.ToLower(u.Hostname())
		if site(to) == site(host) && stage(to) == stage(host) {
			others = nil
			break
		}
		others = append(others, to)
	}
	if len(others) > 0 {
		j.see("It is made for %s, and %s was asked.", strings.Join(others, ", "), host)
		j.guess(rules.WrongAudience, 0.55, "host", "aud names "+cut(others[0])+", and the request went to "+cut(host))
	}
	u, err := url.Parse(str(t.claims["iss"]))
	if err != nil || u.Host == "" || !isPublic(u.Hostname()) {
		return
	}
	if from := strings.ToLower(u.Hostname()); stage(from) != stage(host) {
		j.see("Its issuer is of another environment (%s) than the host that was asked (%s).", from, host)
		j.guess(rules.WrongIssuer, 0.5, "stage", "iss is of "+cut(from)+", and the request went to "+cut(host))
	}
}

// isPublic reports whether a host has a name that tells something.
func isPublic(host string) bool {
	return strings.Contains(host, ".") && !strings.HasSuffix(host, ".local") && strings.Trim(host, "0123456789.") != "" && !strings.Contains(host, ":")
}

// site is the last two labels of a host name.
func site(host string) string {
	i := strings.LastIndexByte(host, '.')
	if i < 0 {
		return host
	}
	return host[strings.LastIndexByte(host[:i], '.')+1:]
}

// stages are labels of hosts that aren't production.
var stages = []string{"dev", "development", "test", "testing", "stage", "staging", "stg", "uat", "qa", "sandbox", "preprod", "preview"}

// stage returns the environment that a host's name tells, "" for production.
func stage(host string) string {
	for label := range strings.FieldsFuncSeq(host, func(r rune) bool { return r == '.' || r == '-' }) {
		if slices.Contains(stages, label) {
			return label[:3]
		}
	}
	return ""
}

// scope compares what the token may do with what the answer wants.
func (j *judging) scope(t *jwt) {
	for i := range j.asked {
		want := strings.Fields(j.asked[i].get("scope"))
		if len(want) == 0 || j.asked[i].get("error") != "insufficient_scope" {
			continue
		}
		have := t.scopes()
		var lacks []string
		for _, s := range want {
			if !slices.Contains(have, s) {
				lacks = append(lacks, s)
			}
		}
		if len(lacks) > 0 {
			j.see("The token lacks the scope %s that the answer asks for.", cut(strings.Join(lacks, " ")))
			j.own(rules.InsufficientPermission, 0.93, "scope", "the token lacks a scope that the answer asks for")
		}
	}
}
