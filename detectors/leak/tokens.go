package leak

import (
	"bytes"
	"encoding/base64"
	"hash/crc32"

	"why401/detectors"
)

// A tokenForm is a kind of token that shows by its first characters what it is.
// The forms are those that the vendors document.
type tokenForm struct {
	prefix string // exact case
	kind   string
	min    int  // characters after the prefix, at least
	digits bool // the rest must hold a digit and a letter
	crc    bool // ends with six base62 digits of the CRC-32 of what lies before
}

var tokenForms = []tokenForm{
	{"ghp_", "github-token", 30, false, true}, {"gho_", "github-token", 30, false, true}, {"ghu_", "github-token", 30, false, true},
	{"ghs_", "github-token", 30, false, true}, {"ghr_", "github-token", 30, false, true}, {"github_pat_", "github-token", 30, true, false},
	{"glpat-", "gitlab-token", 18, false, false}, {"gldt-", "gitlab-token", 18, false, false}, {"glrt-", "gitlab-token", 18, false, false},
	{"glcbt-", "gitlab-token", 18, false, false}, {"glptt-", "gitlab-token", 18, false, false}, {"glsoat-", "gitlab-token", 18, false, false},
	{"gloas-", "gitlab-token", 18, false, false}, {"glft-", "gitlab-token", 18, false, false}, {"glimt-", "gitlab-token", 18, false, false},
	{"xoxb-", "slack-token", 16, true, false}, {"xoxp-", "slack-token", 16, true, false}, {"xoxa-", "slack-token", 16, true, false},
	{"xoxr-", "slack-token", 16, true, false}, {"xoxs-", "slack-token", 16, true, false}, {"xoxc-", "slack-token", 16, true, false},
	{"xoxd-", "slack-token", 16, true, false}, {"xoxe-", "slack-token", 16, true, false}, {"xoxe.", "slack-token", 16, true, false}, {"xapp-", "slack-token", 16, true, false},
	{"sk-proj-", "openai-key", 16, true, false}, {"sk-svcacct-", "openai-key", 16, true, false}, {"sk-admin-", "openai-key", 16, true, false},
	{"sk-ant-", "anthropic-key", 16, true, false}, {"sk-or-v1-", "openrouter-key", 32, true, false}, {"sk-", "api-key", 24, true, false},
	{"sk_live_", "stripe-key", 10, true, false}, {"sk_test_", "stripe-key", 10, true, false}, {"rk_live_", "stripe-key", 10, true, false}, {"rk_test_", "stripe-key", 10, true, false},
	{"whsec_", "webhook-secret", 20, true, false},
	{"AIza", "google-api-key", 35, true, false}, {"ya29.", "google-token", 20, true, false}, {"GOCSPX-", "google-client-secret", 20, false, false}, {"1//0", "google-refresh-token", 30, true, false},
	{"hvs.", "vault-token", 20, true, false}, {"hvb.", "vault-token", 20, true, false}, {"hvr.", "vault-token", 20, true, false},
	{"npm_", "npm-token", 30, false, true}, {"pypi-", "pypi-token", 32, true, false}, {"rubygems_", "rubygems-token", 40, true, false},
	{"dop_v1_", "digitalocean-token", 40, true, false}, {"doo_v1_", "digitalocean-token", 40, true, false}, {"dor_v1_", "digitalocean-token", 40, true, false},
	{"shpat_", "shopify-token", 30, true, false}, {"shpca_", "shopify-token", 30, true, false}, {"shppa_", "shopify-token", 30, true, false}, {"shpss_", "shopify-token", 30, true, false},
	{"sha256~", "openshift-token", 40, true, false}, {"dckr_pat_", "docker-token", 20, true, false}, {"dckr_oat_", "docker-token", 20, true, false},
	{"hf_", "huggingface-token", 30, false, false}, {"gsk_", "groq-key", 40, true, false}, {"lin_api_", "linear-key", 30, true, false},
	{"NRAK-", "new-relic-key", 20, true, false}, {"NRII-", "new-relic-key", 20, true, false}, {"SG.", "sendgrid-key", 40, true, false},
	{"gAAAAA", "fernet-token", 60, true, false},
	{"FwoGZXIvYXdz", "aws-session-token", 80, true, false}, {"IQoJb3JpZ2lu", "aws-session-token", 80, true, false}, {"FQoGZXIvYXdz", "aws-session-token", 80, true, false},
	{"figd_", "figma-token", 20, true, false}, {"pul-", "pulumi-token", 40, true, false}, {"ATATT3x", "atlassian-token", 40, true, false}, {"ATBB", "atlassian-token", 28, true, false},
	{"sntrys_", "sentry-token", 40, true, false}, {"sntryu_", "sentry-token", 40, true, false}, {"glsa_", "grafana-token", 32, true, false}, {"glc_", "grafana-token", 32, true, false},
	{"tskey-", "tailscale-key", 20, true, false}, {"dp.st.", "doppler-token", 30, true, false}, {"dp.pt.", "doppler-token", 30, true, false}, {"PMAK-", "postman-key", 30, true, false},
	{"CFPAT-", "contentful-token", 30, true, false}, {"v1.0-", "cloudflare-key", 100, true, false},
	{"ntn_", "notion-token", 30, true, false}, {"sbp_", "supabase-token", 40, true, false}, {"xai-", "xai-key", 40, true, false}, {"AGE-SECRET-KEY-1", "age-key", 50, true, false},
	{"sq0atp-", "square-token", 20, true, false}, {"sq0csp-", "square-token", 40, true, false}, {"EZAK", "easypost-key", 50, true, false}, {"key-", "mailgun-key", 32, true, false},
	{"shippo_live_", "shippo-token", 40, true, false}, {"pat-na1-", "hubspot-token", 30, true, false}, {"pscale_", "planetscale-token", 32, true, false}, {"AKCp", "artifactory-key", 60, true, false},
	{"dapi", "databricks-token", 32, true, false},
	{"eyJrIjoi", "grafana-key", 40, true, false}, {"vercel_", "vercel-token", 20, true, false}, {"fo1_", "fly-token", 40, true, false}, {"fm2_", "fly-token", 60, true, false},
	{"PHNhbWxw", "saml", 100, true, false}, {"PHNhbWwy", "saml", 100, true, false}, {"PHNhbWw6", "saml", 100, true, false},
}

// tokenEnd returns the end of the run of token characters that begins at i: those
// of base64url, base64 and token68 (RFC 9110 section 11.2).
func tokenEnd(t []byte, i, hi int) int {
	for i < hi && tokenChar[t[i]] {
		i++
	}
	return i
}

var tokenChar, wordChar [256]bool

func init() {
	for c := range 256 {
		b := byte(c)
		wordChar[c] = isAlnum(b) || b == '_' || b == '-'
		tokenChar[c] = wordChar[c] || b == '.' || b == '~' || b == '+' || b == '/' || b == '='
	}
}

func isAlnum(b byte) bool { return isDigit(b) || isAlpha(b) }
func isDigit(b byte) bool { return b-'0' < 10 }
func isAlpha(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
func isHex(b byte) bool   { return isDigit(b) || b|0x20 >= 'a' && b|0x20 <= 'f' }
func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// formAt returns the token of form f that stands at the start of v.
func formAt(f *tokenForm, v []byte) (end int, ok bool) {
	if len(v) < len(f.prefix) || string(v[:len(f.prefix)]) != f.prefix {
		return 0, false
	}
	end = tokenEnd(v, len(f.prefix), len(v))
	for end > 0 && (v[end-1] == '.' || v[end-1] == '-' || v[end-1] == '/') {
		end--
	}
	if f.crc { // these hold letters and digits only
		e := len(f.prefix)
		for e < end && isAlnum(v[e]) {
			e++
		}
		end = e
	}
	rest := v[len(f.prefix):max(end, len(f.prefix))]
	if len(rest) < f.min {
		return 0, false
	}
	if f.digits && !mixed(rest) {
		return 0, false
	}
	if uniform(rest) {
		return 0, false
	}
	return end, true
}

// crcOK reports whether v, of a form with a checksum, is whole.
func crcOK(f *tokenForm, v []byte) bool {
	body := v[len(f.prefix):]
	if len(body) != 36 {
		return false
	}
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum := crc32.ChecksumIEEE(body[:30])
	for i := 35; i >= 30; i-- {
		if body[i] != digits[sum%62] {
			return false
		}
		sum /= 62
	}
	return true
}

// formOf returns the form that v begins with, nil for none.
func formOf(v []byte) *tokenForm {
	if len(v) == 0 {
		return nil
	}
	for _, i := range formsBy[v[0]] {
		f := &tokenForms[i]
		if len(v) > len(f.prefix) && string(v[:len(f.prefix)]) == f.prefix {
			return f
		}
	}
	return nil
}

// formsBy lists the forms by their first byte.
var formsBy [256][]uint8

func init() {
	for i := range tokenForms {
		c := tokenForms[i].prefix[0]
		formsBy[c] = append(formsBy[c], uint8(i))
	}
}

// mixed reports whether v holds a letter and a digit.
func mixed(v []byte) bool {
	var digit, letter bool
	for _, c := range v {
		digit = digit || isDigit(c)
		letter = letter || isAlpha(c)
	}
	return digit && letter
}

// uniform reports whether v is hardly more than one character again and again.
func uniform(v []byte) bool {
	if len(v) < 8 {
		return false
	}
	n := 0
	for i := 1; i < len(v); i++ {
		if v[i]|0x20 == v[i-1]|0x20 {
			n++
		}
	}
	return n*4 > len(v)*3
}

// A jwt says which segments of a JSON Web Token (RFC 7519) are there.
type jwt struct {
	end       int // of the token
	header    bool
	payload   int // characters
	signature int
}

// parseJWT reads the dots and segments at the start of v. JWE tokens have five.
func parseJWT(v []byte) jwt {
	var j jwt
	i, seg := 0, 0
	start := 0
	for {
		for i < len(v) && (wordChar[v[i]] || v[i] == '=') {
			i++
		}
		n := i - start
		switch seg {
		case 0:
			j.header = n >= 8
		case 1:
			j.payload = n
		default:
			j.signature += n
		}
		if i+1 < len(v) && v[i] == '.' && (wordChar[v[i+1]] || v[i+1] == '.' && seg == 0) && seg < 5 {
			i++
			start = i
			seg++
			continue
		}
		break
	}
	j.end = i
	return j
}

// josePart reports whether v decodes to the start of a JSON object.
func josePart(v []byte) bool {
	n := min(len(v)/4*4, 16)
	var out [12]byte
	if n < 4 {
		return false
	}
	m, err := base64.RawURLEncoding.Decode(out[:], v[:n])
	if err != nil || m < 3 || out[0] != '{' {
		return false
	}
	q := bytes.IndexByte(out[1:m], '"') + 2 // the first key, of RFC 7515 section 4.1, 7516 or 7519
	for _, k := range [...]string{"alg", "typ", "kid", "enc", "x5t", "x5c", "x5u", "cty", "jku", "jwk", "zip", "b64", "cri", "iss", "epk", "apu", "p2s", "p2c", "ver", "tok", "org", "sub", "aud", "exp", "iat", "jti", "key"} {
		if q > 1 && q+3 <= m && string(out[q:q+3]) == k {
			return true
		}
	}
	return false
}

// cutPayload reports whether v is a JWT that ends within its header or payload.
func cutPayload(v []byte) bool {
	if len(v) < 40 || v[0] != 'e' || !josePart(v) {
		return false
	}
	j := parseJWT(v)
	if j.end != len(v) || j.signature > 0 || j.payload > 0 && j.payload < 8 {
		return false
	}
	payload := v
	if j.payload > 0 {
		payload = v[len(v)-j.payload:]
	}
	var out [3]byte
	tail := payload[len(payload)/4*4:]
	if len(tail) == 0 {
		tail = payload[len(payload)-4:]
	}
	n, err := base64.RawURLEncoding.Decode(out[:], tail)
	return err != nil || n == 0 || out[n-1] != '}'
}

// token judges a token that shows its form.
func (s *Scanner) token(p int, w *word) {
	f := &tokenForms[w.form]
	if p > s.lo && wordChar[s.t[p-1]] && !s.escapeEnds(p) && s.afterEscape(p-1, p) == p-1 {
		return
	}
	n, ok := formAt(f, s.t[p:min(s.hi, p+maxValue)])
	if !ok || assess(s.t[p:p+n]) == nothing {
		return
	}
	sp := Span{Kind: f.kind, Location: "text", Severity: detectors.High, Confidence: 0.9}
	if f.crc && crcOK(f, s.t[p:p+n]) {
		sp.Confidence = 1
	}
	s.emit(p, p+n, sp)
}

// afterDot reports whether a token's earlier segment ends before p.
func (s *Scanner) afterDot(p int) bool { return p > s.lo && s.t[p-1] == '.' }

// jwt judges a JSON Web Token that no name announced.
func (s *Scanner) jwt(p int) {
	if p > s.lo && isAlnum(s.t[p-1]) && !s.escapeEnds(p) && s.afterEscape(p-1, p) == p-1 {
		return
	}
	v := s.t[p:min(s.hi, p+maxValue)]
	if !josePart(v) {
		if p >= s.done && !s.afterDot(p) {
			s.base64Block(p, 0)
		}
		return
	}
	j := parseJWT(v)
	s.done = max(s.done, p)
	if j.signature < 8 {
		if j.payload >= 8 {
			s.note(p, ClaimsShown)
		}
		return
	}
	s.emit(p, p+j.end, Span{Kind: "jwt", Location: "text", Severity: detectors.High, Confidence: 0.95})
}
