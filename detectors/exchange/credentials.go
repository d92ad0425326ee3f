package exchange

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"why401/rules"
)

// credentials looks at what was sent: whether anything was, in which form, and
// for which scheme of those that the answer asks for.
func (j *judging) credentials() {
	x := j.x
	if x.Request == nil {
		j.see("The capture doesn't show the request.")
		return
	}
	values := x.Credentials()
	name := "Authorization"
	if x.Status == 407 || string(x.Method) == "CONNECT" {
		name = "Proxy-Authorization"
	}
	switch {
	case string(x.Method) == "OPTIONS" && x.Request.Get("Access-Control-Request-Method") != nil:
		j.see("It is a preflight, which browsers send without credentials.")
		j.own(rules.CORSPreflight, 0.95, "preflight", "a preflight was refused")
	case len(values) == 0:
		j.nothing(name)
	case len(values) > 1:
		j.see("%s was sent %d times.", name, len(values))
		j.own(rules.MalformedHeader, 0.93, "repeated", name+" was sent more than once")
	default:
		j.header(name, values[0])
	}
}

// nothing looks at a request without credentials in their header.
func (j *judging) nothing(name string) {
	if key, value := j.apiKey(); key != "" {
		switch {
		case empty(value):
			j.see("%s was sent without a usable value.", key)
			j.own(rules.APIKeyMissing, 0.9, "empty", key+" without a usable value")
		case altered(value):
			j.see("%s was sent; its value was taken out of the capture.", key)
		default:
			j.see("%s was sent.", key)
			j.guess(rules.APIKeyInvalid, 0.6, "sent", key+" was sent and refused")
		}
		return
	}
	if token := queryToken(j.x.URL); token != nil {
		j.see("A token was sent in the URL, where logs of every hop write it.")
		j.token(token)
		return
	}
	cookies := j.x.Request.Get("Cookie") != nil
	switch {
	case j.dropped():
		from, to := j.prev.Domain, j.x.Domain
		j.see("The redirect from %s to %s dropped %s: clients don't send it on to another host.", from, to, name)
		j.own(rules.MissingCredentials, 0.95, "redirect", "the redirect to another host dropped "+name)
	case j.x.Sanitised:
		j.see("No %s is in the capture. Browsers leave credentials out of what they export unless told otherwise, so it may have been sent.", name)
		j.guess(rules.MissingCredentials, 0.6, "sanitised", "no "+name+" in the capture, which may leave it out", rules.InvalidToken)
	case j.login():
		j.see("No %s was sent; the request is a login.", name)
		j.guess(rules.BadCredentials, 0.7, "login", "a login was refused", rules.UnknownUser, rules.MissingCredentials)
	case cookies && len(j.asked) == 0:
		j.see("No %s was sent; cookies were.", name)
		j.guess(rules.ExpiredSession, 0.45, "cookies", "cookies were sent and refused", rules.MissingCredentials)
	case cookies:
		j.see("No %s was sent; cookies were.", name)
		j.guess(rules.MissingCredentials, 0.75, "cookies", "cookies were sent, and no "+name, rules.ExpiredSession)
	default:
		j.see("No %s was sent.", name)
		j.guess(rules.MissingCredentials, 0.92, "absent", "no "+name+" was sent")
	}
}

// login reports whether the request is one that carries credentials in its body.
func (j *judging) login() bool {
	last := bytes.ToLower(bytes.TrimRight(j.x.Path, "/"))
	last = last[bytes.LastIndexByte(last, '/')+1:]
	if string(j.x.Method) != "POST" {
		return false
	}
	for _, word := range [...]string{"login", "signin", "sign-in", "logon", "token", "session", "authenticate"} {
		if bytes.Contains(last, []byte(word)) {
			return true
		}
	}
	return false
}

// dropped reports whether a redirect led here on whose way the header was lost.
func (j *judging) dropped() bool {
	p := j.prev
	return p != nil && p.Status/100 == 3 && p.Request.Get("Authorization") != nil &&
		!bytes.Equal(p.Request.Get("Host"), j.x.Request.Get("Host")) && bytes.Contains(p.Response.Get("Location"), j.x.Domain)
}

// apiKeys are the headers in which keys are sent.
var apiKeys = [...]string{
	"X-API-Key", "Api-Key", "apikey", "X-Auth-Token", "X-Access-Token", "Ocp-Apim-Subscription-Key", "X-Goog-Api-Key", "X-Functions-Key",
	"Private-Token", "X-Vault-Token", "X-Consul-Token", "DD-API-KEY", "X-Auth-Key",
}

func (j *judging) apiKey() (name string, value []byte) {
	for _, name := range apiKeys {
		if v := j.x.Request.Get(name); v != nil {
			return name, v
		}
	}
	return "", nil
}

// queryToken returns the access token in a URL's query (RFC 6750, section 2.3), if any.
func queryToken(url []byte) []byte {
	_, query, _ := bytes.Cut(url, []byte{'?'})
	for pair := range bytes.SplitSeq(query, []byte{'&'}) {
		if name, value, ok := bytes.Cut(pair, []byte{'='}); ok && (string(name) == "access_token" || string(name) == "token") {
			return value
		}
	}
	return nil
}

// nothings are what programs send where a variable had no value.
var nothings = []string{"", "undefined", "null", "none", "nil", "nan", "false", "true", "(null)", "<nil>", "<null>", "[object object]", "[object promise]", "''", `""`, "{}"}

// empty reports whether a value stands for nothing: no text, a word for no value, or
// a variable that nobody replaced.
func empty(v []byte) bool {
	v = bytes.TrimSpace(v)
	s := strings.ToLower(string(v[:min(len(v), 64)]))
	if slices.Contains(nothings, s) {
		return true
	}
	for _, form := range [...][2]string{{"${", "}"}, {"$(", ")"}, {"{{", "}}"}, {"<", ">"}, {"%", "%"}, {"{", "}"}, {":", ""}} {
		if strings.HasPrefix(s, form[0]) && strings.HasSuffix(s, form[1]) && len(s) > len(form[0])+len(form[1]) && !strings.Contains(s, "redact") {
			return true
		}
	}
	if len(s) > 1 && s[0] == '$' && strings.Trim(s[1:], "abcdefghijklmnopqrstuvwxyz_0123456789") == "" {
		return true
	}
	return strings.HasPrefix(s, "your") && strings.ContainsAny(s, "-_ ") || s == "token" || s == "access_token"
}

// altered reports whether who captured v took its value away, or a part of it.
func altered(v []byte) bool {
	s := strings.ToLower(string(v))
	return strings.Contains(s, "redacted") || strings.Contains(s, "...") || strings.Contains(s, "…") || strings.Contains(s, "***") ||
		strings.Contains(s, "xxxx") || strings.Contains(s, "•") || strings.Contains(s, "masked") || strings.Contains(s, "removed")
}

// header looks at the value of an Authorization header.
func (j *judging) header(name string, v []byte) {
	if altered(v) {
		j.see("%s was sent; its value was taken out of the capture.", name)
		return
	}
	scheme, rest, blank := bytes.Cut(v, []byte{' '})
	rest = bytes.TrimLeft(rest, " ")
	known := knownScheme(scheme)
	switch {
	case len(v) == 0 || !blank && (empty(v) || known != ""):
		j.see("%s was sent, and nothing usable in it.", name)
		j.own(rules.MissingCredentials, 0.95, "empty", name+" without credentials")
		return
	case known != "" && empty(rest):
		j.see("%s was sent with the scheme %s, and nothing usable after it.", name, known)
		j.own(rules.MissingCredentials, 0.95, "empty", name+" without a usable value after "+known)
		return
	}
	if wrong := misshapen(v, known, rest); wrong != "" {
		j.see("%s was sent in a form that no server reads: %s.", name, wrong)
		j.own(rules.MalformedHeader, 0.93, "form", wrong)
		return
	}
	if known == "" {
		known = string(scheme)
		if tokenEnd(scheme) != len(scheme) || len(scheme) > 32 {
			known = "unknown"
		}
	}
	j.see("%s was sent with the scheme %s.", name, known)
	j.scheme = known
	if !j.asks(known) {
		j.own(rules.WrongScheme, 0.9, "scheme", fmt.Sprintf("%s was sent where %s is asked for", known, j.askedFor()))
	}
	switch strings.ToLower(known) {
	case "basic":
		j.basic(rest)
	case "bearer", "jwt", "token", "dpop":
		j.token(rest)
	case "negotiate", "ntlm":
		j.guess(rules.KerberosNTLMFailure, 0.7, "refused", known+" was refused")
	case "digest":
		j.guess(rules.BadCredentials, 0.6, "digest", "the Digest response was refused", rules.UnknownUser)
	}
}

// asks reports whether the answer asks for a scheme, or doesn't say what it asks for.
func (j *judging) asks(scheme string) bool {
	for i := range j.asked {
		if strings.EqualFold(j.asked[i].scheme, scheme) {
			return true
		}
	}
	// Words that servers take for one another.
	if s := strings.ToLower(scheme); s == "token" || s == "jwt" {
		return !slices.ContainsFunc(j.asked, func(c challenge) bool { return strings.EqualFold(c.scheme, "bearer") })
	}
	return len(j.asked) == 0
}

func (j *judging) askedFor() string {
	var names []string
	for i := range j.asked {
		names = append(names, j.asked[i].scheme)
	}
	return strings.Join(names, " or ")
}

// schemes are those of IANA's registry and others in common use.
var schemes = [...]string{
	"Basic", "Bearer", "Digest", "Negotiate", "NTLM", "DPoP", "HOBA", "Mutual", "OAuth", "PrivateToken", "SCRAM-SHA-1", "SCRAM-SHA-256", "GNAP",
	"Token", "JWT", "ApiKey", "Api-Key", "AWS4-HMAC-SHA256", "HMAC", "Signature", "Hawk", "SharedKey", "GoogleLogin", "Key",
}

// knownScheme returns a scheme as its registry writes it, "" if it is none.
func knownScheme(b []byte) string {
	for _, s := range schemes {
		if strings.EqualFold(string(b), s) {
			return s
		}
	}
	return ""
}

// misshapen says what is wrong with the form of a header's value, of which known
// is the scheme, as far as it is one, and rest what follows; "" for nothing.
func misshapen(v []byte, known string, rest []byte) string {
	first, more, _ := bytes.Cut(rest, []byte{' '})
	lowered := strings.ToLower(string(v[:min(len(v), 40)]))
	switch {
	case v[0] == '"' || v[0] == '\'' || len(rest) > 1 && (rest[0] == '"' || rest[0] == '\'') && known != "":
		return "quotes stand around it"
	case strings.HasPrefix(lowered, "authorization:"):
		return "the name of the header stands in its value again"
	case known != "" && strings.EqualFold(string(first), known):
		return known + " stands in it twice"
	case known != "" && knownScheme(first) != "" && len(more) > 0:
		return "two schemes, " + known + " and " + knownScheme(first) + ", stand in it"
	case strings.HasPrefix(lowered, "bearer:"), strings.HasPrefix(lowered, "bearer="), strings.HasPrefix(lowered, "basic:"), strings.HasPrefix(lowered, "basic="):
		return "after the scheme comes no blank but another sign"
	case known == "" && bytes.HasPrefix(v, []byte("ey")) && bytes.Count(v, []byte{'.'}) >= 2:
		return "the token stands there without its scheme, Bearer"
	case (known == "Bearer" || known == "Basic") && bytes.Contains(rest, []byte(", ")):
		return "several credentials stand in it, divided by a comma"
	case known == "Bearer" && (bytes.ContainsAny(rest, " \t") || bytes.Contains(rest, []byte(`\n`)) || bytes.Contains(rest, []byte(`\r`)) || bytes.HasSuffix(rest, []byte("%0A"))):
		return "the token has blanks or line ends in it"
	case bytes.IndexFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }) >= 0:
		return "it has signs in it that no header may have"
	}
	return ""
}

// basic looks at the credentials of Basic (RFC 7617).
func (j *judging) basic(v []byte) {
	pair, err := base64.StdEncoding.DecodeString(string(v))
	if err != nil {
		pair, err = base64.RawStdEncoding.DecodeString(string(v))
	}
	name, password, ok := bytes.Cut(pair, []byte{':'})
	wrong := ""
	switch {
	case err != nil && bytes.IndexByte(v, ':') > 0:
		wrong = "name and password were sent as they are, not in base64"
	case err != nil:
		wrong = "what follows Basic is not base64"
	case !ok:
		wrong = "what is encoded holds no colon between name and password"
	case bytes.HasSuffix(pair, []byte{'\n'}):
		wrong = "a line end is encoded after the password, as echo writes without -n"
	case !utf8.Valid(pair):
		j.see("Name or password are not UTF-8.")
	}
	switch {
	case wrong != "":
		j.see("It can't be read: %s.", wrong)
		j.own(rules.MalformedHeader, 0.92, "basic", wrong)
	case len(name) == 0 && len(password) == 0:
		j.see("Name and password are empty.")
		j.own(rules.MissingCredentials, 0.9, "basic-empty", "name and password are empty")
	case len(name) == 0 || len(password) == 0:
		j.see("The %s is empty.", map[bool]string{true: "name", false: "password"}[len(name) == 0])
		j.guess(rules.BadCredentials, 0.8, "basic-half", "name or password is empty", rules.MissingCredentials)
	default:
		j.see("It holds a name and a password, in the right form.")
		j.guess(rules.BadCredentials, 0.85, "basic", "name and password were sent in the right form and refused", rules.UnknownUser)
	}
}
