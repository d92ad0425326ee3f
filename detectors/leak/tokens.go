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
	plain  bool // the rest is letters and digits alone
}

var tokenForms = []tokenForm{
	{prefix: "ghp_", kind: "github-token", min: 30, crc: true}, {prefix: "gho_", kind: "github-token", min: 30, crc: true}, {prefix: "ghu_", kind: "github-token", min: 30, crc: true},
	{prefix: "ghs_", kind: "github-token", min: 30, crc: true}, {prefix: "ghr_", kind: "github-token", min: 30, crc: true}, {prefix: "github_pat_", kind: "github-token", min: 30, digits: true},
	{prefix: "glpat-", kind: "gitlab-token", min: 18}, {prefix: "gldt-", kind: "gitlab-token", min: 18}, {prefix: "glrt-", kind: "gitlab-token", min: 18},
	{prefix: "glcbt-", kind: "gitlab-token", min: 18}, {prefix: "glptt-", kind: "gitlab-token", min: 18}, {prefix: "glsoat-", kind: "gitlab-token", min: 18},
	{prefix: "gloas-", kind: "gitlab-token", min: 18}, {prefix: "glft-", kind: "gitlab-token", min: 18}, {prefix: "glimt-", kind: "gitlab-token", min: 18},
	{prefix: "xoxb-", kind: "slack-token", min: 16, digits: true}, {prefix: "xoxp-", kind: "slack-token", min: 16, digits: true}, {prefix: "xoxa-", kind: "slack-token", min: 16, digits: true},
	{prefix: "xoxr-", kind: "slack-token", min: 16, digits: true}, {prefix: "xoxs-", kind: "slack-token", min: 16, digits: true}, {prefix: "xoxc-", kind: "slack-token", min: 16, digits: true},
	{prefix: "xoxd-", kind: "slack-token", min: 16, digits: true}, {prefix: "xoxe-", kind: "slack-token", min: 16, digits: true}, {prefix: "xoxe.", kind: "slack-token", min: 16, digits: true}, {prefix: "xapp-", kind: "slack-token", min: 16, digits: true},
	{prefix: "sk-proj-", kind: "openai-key", min: 16, digits: true}, {prefix: "sk-svcacct-", kind: "openai-key", min: 16, digits: true}, {prefix: "sk-admin-", kind: "openai-key", min: 16, digits: true},
	{prefix: "sk-ant-", kind: "anthropic-key", min: 16, digits: true}, {prefix: "sk-or-v1-", kind: "openrouter-key", min: 32, digits: true}, {prefix: "sk-", kind: "api-key", min: 24, digits: true, plain: true},
	{prefix: "sk_live_", kind: "stripe-key", min: 10, digits: true}, {prefix: "sk_test_", kind: "stripe-key", min: 10, digits: true}, {prefix: "rk_live_", kind: "stripe-key", min: 10, digits: true}, {prefix: "rk_test_", kind: "stripe-key", min: 10, digits: true},
	{prefix: "whsec_", kind: "webhook-secret", min: 20, digits: true},
	{prefix: "AIza", kind: "google-api-key", min: 35, digits: true}, {prefix: "ya29.", kind: "google-token", min: 20, digits: true}, {prefix: "GOCSPX-", kind: "google-client-secret", min: 20}, {prefix: "1//0", kind: "google-refresh-token", min: 30, digits: true},
	{prefix: "hvs.", kind: "vault-token", min: 20, digits: true}, {prefix: "hvb.", kind: "vault-token", min: 20, digits: true}, {prefix: "hvr.", kind: "vault-token", min: 20, digits: true},
	{prefix: "npm_", kind: "npm-token", min: 30, crc: true}, {prefix: "pypi-", kind: "pypi-token", min: 32, digits: true}, {prefix: "rubygems_", kind: "rubygems-token", min: 40, digits: true},
	{prefix: "dop_v1_", kind: "digitalocean-token", min: 40, digits: true}, {prefix: "doo_v1_", kind: "digitalocean-token", min: 40, digits: true}, {prefix: "dor_v1_", kind: "digitalocean-token", min: 40, digits: true},
	{prefix: "shpat_", kind: "shopify-token", min: 30, digits: true}, {prefix: "shpca_", kind: "shopify-token", min: 30, digits: true}, {prefix: "shppa_", kind: "shopify-token", min: 30, digits: true}, {prefix: "shpss_", kind: "shopify-token", min: 30, digits: true},
	{prefix: "sha256~", kind: "openshift-token", min: 40, digits: true}, {prefix: "dckr_pat_", kind: "docker-token", min: 20, digits: true}, {prefix: "dckr_oat_", kind: "docker-token", min: 20, digits: true},
	{prefix: "hf_", kind: "huggingface-token", min: 30, plain: true}, {prefix: "gsk_", kind: "groq-key", min: 40, digits: true}, {prefix: "lin_api_", kind: "linear-key", min: 30, digits: true},
	{prefix: "NRAK-", kind: "new-relic-key", min: 20, digits: true}, {prefix: "NRII-", kind: "new-relic-key", min: 20, digits: true}, {prefix: "SG.", kind: "sendgrid-key", min: 40, digits: true},
	{prefix: "gAAAAA", kind: "fernet-token", min: 60, digits: true},
	{prefix: "FwoGZXIvYXdz", kind: "aws-session-token", min: 80, digits: true}, {prefix: "IQoJb3JpZ2lu", kind: "aws-session-token", min: 80, digits: true}, {prefix: "FQoGZXIvYXdz", kind: "aws-session-token", min: 80, digits: true},
	{prefix: "figd_", kind: "figma-token", min: 20, digits: true}, {prefix: "pul-", kind: "pulumi-token", min: 40, digits: true}, {prefix: "ATATT3x", kind: "atlassian-token", min: 40, digits: true}, {prefix: "ATBB", kind: "atlassian-token", min: 28, digits: true},
	{prefix: "sntrys_", kind: "sentry-token", min: 40, digits: true}, {prefix: "sntryu_", kind: "sentry-token", min: 40, digits: true}, {prefix: "glsa_", kind: "grafana-token", min: 32, digits: true}, {prefix: "glc_", kind: "grafana-token", min: 32, digits: true},
	{prefix: "tskey-", kind: "tailscale-key", min: 20, digits: true}, {prefix: "dp.st.", kind: "doppler-token", min: 30, digits: true}, {prefix: "dp.pt.", kind: "doppler-token", min: 30, digits: true}, {prefix: "PMAK-", kind: "postman-key", min: 30, digits: true},
	{prefix: "CFPAT-", kind: "contentful-token", min: 30, digits: true}, {prefix: "v1.0-", kind: "cloudflare-key", min: 100, digits: true},
	{prefix: "ntn_", kind: "notion-token", min: 30, digits: true}, {prefix: "sbp_", kind: "supabase-token", min: 40, digits: true}, {prefix: "xai-", kind: "xai-key", min: 40, digits: true}, {prefix: "AGE-SECRET-KEY-1", kind: "age-key", min: 50, digits: true},
	{prefix: "sq0atp-", kind: "square-token", min: 20, digits: true}, {prefix: "sq0csp-", kind: "square-token", min: 40, digits: true}, {prefix: "EZAK", kind: "easypost-key", min: 50, digits: true}, {prefix: "key-", kind: "mailgun-key", min: 32, digits: true, plain: true},
	{prefix: "shippo_live_", kind: "shippo-token", min: 40, digits: true}, {prefix: "pat-na1-", kind: "hubspot-token", min: 30, digits: true}, {prefix: "pscale_", kind: "planetscale-token", min: 32, digits: true}, {prefix: "AKCp", kind: "artifactory-key", min: 60, digits: true},
	{prefix: "ATCTT3x", kind: "atlassian-token", min: 40, digits: true}, {prefix: "glagent-", kind: "gitlab-token", min: 20, digits: true}, {prefix: "glffct-", kind: "gitlab-token", min: 18, digits: true}, {prefix: "GR1348941", kind: "gitlab-token", min: 20, digits: true},
	{prefix: "xkeysib-", kind: "brevo-key", min: 60, digits: true}, {prefix: "lin_oauth_", kind: "linear-key", min: 40, digits: true}, {prefix: "tfp_", kind: "typeform-token", min: 40, digits: true}, {prefix: "pat-eu1-", kind: "hubspot-token", min: 30, digits: true},
	{prefix: "r8_", kind: "replicate-token", min: 36, digits: true, plain: true}, {prefix: "pplx-", kind: "perplexity-key", min: 40, digits: true}, {prefix: "pcsk_", kind: "pinecone-key", min: 40, digits: true}, {prefix: "lsv2_pt_", kind: "langsmith-key", min: 32, digits: true},
	{prefix: "lsv2_sk_", kind: "langsmith-key", min: 32, digits: true}, {prefix: "nvapi-", kind: "nvidia-key", min: 50, digits: true}, {prefix: "tvly-", kind: "tavily-key", min: 24, digits: true}, {prefix: "HRKU-", kind: "heroku-key", min: 30, digits: true},
	{prefix: "nfp_", kind: "netlify-token", min: 36, digits: true}, {prefix: "rnd_", kind: "render-key", min: 28, digits: true}, {prefix: "sb_secret_", kind: "supabase-token", min: 20, digits: true}, {prefix: "napi_", kind: "neon-key", min: 40, digits: true},
	{prefix: "NRRA-", kind: "new-relic-key", min: 20, digits: true}, {prefix: "hcaik_", kind: "honeycomb-key", min: 40, digits: true, plain: true}, {prefix: "hcxik_", kind: "honeycomb-key", min: 40, digits: true, plain: true}, {prefix: "dt0c01.", kind: "dynatrace-token", min: 60, digits: true},
	{prefix: "phx_", kind: "posthog-key", min: 40, digits: true}, {prefix: "CCIPAT_", kind: "circleci-token", min: 40, digits: true}, {prefix: "bkua_", kind: "buildkite-token", min: 36, digits: true}, {prefix: "CLOJARS_", kind: "clojars-token", min: 60, digits: true},
	{prefix: "cmVmdGtu", kind: "artifactory-token", min: 50, digits: true}, {prefix: "access-production-", kind: "plaid-token", min: 30, digits: true}, {prefix: "access-sandbox-", kind: "plaid-token", min: 30, digits: true}, {prefix: "FLWSECK", kind: "flutterwave-key", min: 30, digits: true},
	{prefix: "duffel_live_", kind: "duffel-token", min: 30, digits: true}, {prefix: "EZTK", kind: "easypost-key", min: 50, digits: true, plain: true}, {prefix: "pnu_", kind: "prefect-key", min: 36, digits: true, plain: true}, {prefix: "rdme_", kind: "readme-key", min: 60, digits: true},
	{prefix: "sgp_", kind: "sourcegraph-token", min: 40, digits: true}, {prefix: "ops_eyJ", kind: "1password-token", min: 100, digits: true}, {prefix: "sk.eyJ", kind: "mapbox-token", min: 40, digits: true}, {prefix: "WPL_AP1.", kind: "linkedin-secret", min: 20, digits: true},
	{prefix: "vk1.a.", kind: "vk-token", min: 60, digits: true}, {prefix: "secret_live_", kind: "api-key", min: 24, digits: true}, {prefix: "bedrock-api-key-", kind: "aws-key", min: 60, digits: true}, {prefix: "EAACEdEose0cBA", kind: "facebook-token", min: 20, digits: true},
	{prefix: "pdus+", kind: "pagerduty-key", min: 20, digits: true},
	{prefix: "squ_", kind: "sonarqube-token", min: 40, plain: true}, {prefix: "sqp_", kind: "sonarqube-token", min: 40, plain: true}, {prefix: "sqa_", kind: "sonarqube-token", min: 40, plain: true},
	{prefix: "dapi", kind: "databricks-token", min: 32, digits: true, plain: true},
	{prefix: "eyJrIjoi", kind: "grafana-key", min: 40, digits: true}, {prefix: "vercel_", kind: "vercel-token", min: 20, digits: true}, {prefix: "fo1_", kind: "fly-token", min: 40, digits: true}, {prefix: "fm2_", kind: "fly-token", min: 60, digits: true},
	{prefix: "LS0tLS1CRUdJTiBQUklWQVRFIEtFW", kind: "private-key", min: 100, digits: true},
	{prefix: "LS0tLS1CRUdJTiBSU0EgUFJJVkFUR", kind: "private-key", min: 100, digits: true},
	{prefix: "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFW", kind: "private-key", min: 100, digits: true},
	{prefix: "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVE", kind: "private-key", min: 100, digits: true},
	{prefix: "LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFUR", kind: "private-key", min: 100, digits: true},
	{prefix: "LS0tLS1CRUdJTiBEU0EgUFJJVkFUR", kind: "private-key", min: 100, digits: true},
	{prefix: "PHNhbWxw", kind: "saml", min: 100, digits: true}, {prefix: "PHNhbWwy", kind: "saml", min: 100, digits: true}, {prefix: "PHNhbWw6", kind: "saml", min: 100, digits: true},
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
	if f.crc || f.plain { // these hold letters and digits only
		e := len(f.prefix)
		for e < end && isAlnum(v[e]) {
			e++
		}
		if f.plain && e < end && (wordChar[v[e]] || v[e] == '=') { // a part of something in base64
			return 0, false
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
	if len(v) < 3 { // no prefix is shorter
		return nil
	}
	start := pair(v[0], v[1])
	if !formStarts[start] {
		return nil
	}
	for _, i := range formsBy[start] {
		f := &tokenForms[i]
		if len(v) > len(f.prefix) && string(v[:len(f.prefix)]) == f.prefix {
			return f
		}
	}
	return nil
}

// formsBy lists the forms by their first two bytes.
var (
	formsBy    [len(signs)][]uint8
	formStarts [len(signs)]bool // where there are any
)

func init() {
	for i := range tokenForms {
		start := pair(tokenForms[i].prefix[0], tokenForms[i].prefix[1])
		formsBy[start], formStarts[start] = append(formsBy[start], uint8(i)), true
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

// claims returns the length of the payload and the signature of a JWT at the start of
// v, 0 where they aren't both whole.
func claims(v []byte) int {
	n := 0
	for n < len(v) && b64Char(v[n]) {
		n++
	}
	if n < 16 || n == len(v) || v[n] != '.' {
		return 0
	}
	e := n + 1
	for e < len(v) && b64Char(v[e]) {
		e++
	}
	if e-n <= 32 || e < len(v) && v[e] == '.' {
		return 0
	}
	return e
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
	if n < 4 || v[0] != 'e' { // as "{" makes it
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

// printable64 reports whether v is base64 of a word, and of no placeholder.
func printable64(v []byte) bool {
	var out [192]byte
	if len(v) < 4 || len(v) > 256 {
		return false
	}
	n, err := base64.StdEncoding.Decode(out[:], v)
	for _, c := range out[:n] {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return err == nil && assess(out[:n]) != nothing
}

// saslPlain reports whether v is base64 of a message of SASL's PLAIN, RFC 4616.
func saslPlain(v []byte) bool {
	var out [192]byte
	v = bytes.TrimRight(v, "=")
	if len(v) < 8 || len(v) > 250 {
		return false
	}
	n, err := base64.RawStdEncoding.Decode(out[:], v)
	return err == nil && bytes.Count(out[:n], []byte{0}) == 2 && out[n-1] != 0
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
	if p > s.lo+2 && s.t[p-1] == '.' && bytes.IndexByte([]byte("]>*)}"), s.t[p-2]) >= 0 { // [header].eyJ...: which can be guessed
		if n := claims(v); n > 0 {
			s.emit(p, p+n, Span{Kind: "jwt", Location: "text", Severity: detectors.High, Confidence: 0.9})
			return
		}
	}
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
