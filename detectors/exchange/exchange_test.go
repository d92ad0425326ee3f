package exchange

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"why401/parsers"
	"why401/rules"
)

// answered is the Date of every answer here, unless a case says otherwise.
var answered = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

func at(d time.Duration) int64 { return answered.Add(d).Unix() }

type m = map[string]any

// token returns a JWT with a signature that nobody made.
func token(header, claims m) string {
	part := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return part(header) + "." + part(claims) + "." + base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte("no signature..."), 17))
}

var rs256 = m{"alg": "RS256", "kid": "key-7", "typ": "JWT"}

// access returns a good access token with these claims changed.
func access(change m) string {
	claims := m{"iss": "https://login.shop.example", "aud": "https://api.shop.example", "sub": "ada-1815", "exp": at(50 * time.Minute), "iat": at(-10 * time.Minute), "scope": "orders:read"}
	for k, v := range change {
		claims[k] = v
		if v == nil {
			delete(claims, k)
		}
	}
	return token(rs256, claims)
}

func basic(pair string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) }

// curl returns what curl -v prints of one request. Head lines of the answer follow
// its status, the body comes after an empty one.
func curl(request string, sent []string, answer ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*   Trying 192.0.2.7:443...\n* Connected to api.shop.example (192.0.2.7) port 443 (#0)\n> %s HTTP/1.1\r\n> Host: api.shop.example\r\n> User-Agent: curl/8.5.0\r\n", request)
	for _, h := range sent {
		fmt.Fprintf(&b, "> %s\r\n", h)
	}
	b.WriteString("> \r\n")
	mark := "< "
	for i, line := range answer {
		if i == 0 {
			line = "HTTP/1.1 " + line
		}
		if line == "" {
			mark = ""
			b.WriteString("< \r\n")
			continue
		}
		b.WriteString(mark + line + "\r\n")
		if i == 0 && mark != "" {
			b.WriteString("< Date: " + answered.Format("Mon, 02 Jan 2006 15:04:05 GMT") + "\r\n")
		}
	}
	return b.String()
}

func judge(t *testing.T, capture string) (all []Judgement) {
	t.Helper()
	r := parsers.Captured([]byte(capture), strings.NewReader(capture))
	if r == nil {
		t.Fatalf("not taken for a capture:\n%s", capture)
	}
	list := []*parsers.Exchange{nil}
	for {
		x, err := r.Next()
		if err != nil {
			break
		}
		list = append(list, x)
	}
	list = append(list, nil)
	c := rules.NewClassifier(rules.Builtin())
	for i := 1; i+1 < len(list); i++ {
		all = append(all, Judge(c, list[i-1], list[i], list[i+1], answered))
	}
	return all
}

const bearer = `WWW-Authenticate: Bearer realm="shop"`

func TestJudge(t *testing.T) {
	auth := func(v string) []string { return []string{"Authorization: " + v} }
	refused := []string{"401 Unauthorized", bearer}
	invalid := []string{"401 Unauthorized", bearer + `, error="invalid_token"`}
	said := func(description string) []string {
		return []string{"401 Unauthorized", bearer + `, error="invalid_token", error_description="` + description + `"`}
	}
	body := func(text string) []string {
		return []string{"401 Unauthorized", bearer, "Content-Type: application/json", "", text}
	}
	for _, c := range []struct {
		name    string
		sent    []string
		answer  []string
		cause   string
		atLeast float32
		atMost  float32 // 0 means 1
		sees    string
	}{
		// Nothing usable was sent.
		{"none", nil, refused, "missing_credentials", 0.9, 0, "No Authorization was sent"},
		{"empty", auth(""), refused, "missing_credentials", 0.9, 0, "nothing usable"},
		{"scheme alone", auth("Bearer"), refused, "missing_credentials", 0.9, 0, "nothing usable"},
		{"undefined", auth("Bearer undefined"), invalid, "missing_credentials", 0.9, 0, "nothing usable after it"},
		{"null, and the server parsed it", auth("Bearer null"), said("Malformed token"), "missing_credentials", 0.8, 0, ""},
		{"undefined, and the server speaks of anything", auth("Bearer undefined"), said("The access token expired"), "missing_credentials", 0.9, 0, ""},
		{"a variable of the shell", auth("Bearer $TOKEN"), invalid, "missing_credentials", 0.9, 0, ""},
		{"a variable of a template", auth("Bearer {{access_token}}"), invalid, "missing_credentials", 0.9, 0, ""},
		{"empty API key", []string{"X-API-Key: undefined"}, []string{"401 Unauthorized"}, "api_key_missing", 0.8, 0, ""},
		{"proxy", nil, []string{"407 Proxy Authentication Required", `Proxy-Authenticate: Basic realm="out"`}, "missing_credentials", 0.8, 0, "Proxy-Authorization"},

		// A form that no server reads.
		{"quotes", auth(`"Bearer ` + access(nil) + `"`), refused, "malformed_header", 0.9, 0, "quotes"},
		{"quoted token", auth(`Bearer "` + access(nil) + `"`), said("Malformed token"), "malformed_header", 0.8, 0, "quotes"},
		{"twice the scheme", auth("Bearer Bearer " + access(nil)), invalid, "malformed_header", 0.9, 0, "twice"},
		{"two schemes", auth("Bearer Basic YTpi"), invalid, "malformed_header", 0.9, 0, "two schemes"},
		{"two headers", []string{"Authorization: Bearer " + access(nil), "Authorization: " + basic("ada:lovelace")}, invalid, "malformed_header", 0.9, 0, "2 times"},
		{"no scheme", auth(access(nil)), refused, "malformed_header", 0.9, 0, "without its scheme"},
		{"colon", auth("Bearer: " + access(nil)), refused, "malformed_header", 0.9, 0, ""},
		{"blank in the token", auth("Bearer " + access(nil)[:40] + " " + access(nil)[40:]), invalid, "malformed_header", 0.9, 0, "blanks"},
		{"basic, no base64", auth("Basic ada:lovelace"), []string{"401 Unauthorized", `WWW-Authenticate: Basic realm="shop"`}, "malformed_header", 0.9, 0, "not in base64"},
		{"basic, no colon", auth(basic("adalovelace")), []string{"401 Unauthorized", `WWW-Authenticate: Basic realm="shop"`}, "malformed_header", 0.9, 0, "no colon"},
		{"basic, echo", auth(basic("ada:lovelace\n")), []string{"401 Unauthorized", `WWW-Authenticate: Basic realm="shop"`}, "malformed_header", 0.9, 0, "echo"},

		// The wrong scheme.
		{"basic for bearer", auth(basic("ada:lovelace")), refused, "wrong_scheme", 0.85, 0, "asks for Bearer"},
		{"bearer for basic or negotiate", auth("Bearer " + access(nil)), []string{"401 Unauthorized", "WWW-Authenticate: Negotiate", `WWW-Authenticate: Basic realm="a, b"`}, "wrong_scheme", 0.85, 0, `Negotiate, or Basic realm="a, b"`},

		// What a password was.
		{"basic refused", auth(basic("ada:lovelace")), []string{"401 Unauthorized", `WWW-Authenticate: Basic realm="shop"`}, "bad_credentials", 0.7, 0, "right form"},
		{"unknown user", auth(basic("ada:lovelace")), []string{"401 Unauthorized", `WWW-Authenticate: Basic realm="shop"`, "", `{"error":"user not found"}`}, "unknown_user", 0.7, 0, ""},
		{"login", nil, []string{"401 Unauthorized", "", `{"message":"Invalid credentials"}`}, "bad_credentials", 0.7, 0, ""},

		// The claims.
		{"expired, said so", auth("Bearer " + access(m{"exp": at(-3 * time.Hour)})), said("The token expired"), "expired_token", 0.95, 0, "expired 3 hours before the answer's Date"},
		{"expired, not said", auth("Bearer " + access(m{"exp": at(-3 * time.Hour)})), invalid, "expired_token", 0.9, 0, ""},
		{"expired, nothing said", auth("Bearer " + access(m{"exp": at(-3 * time.Hour)})), []string{"401 Unauthorized"}, "expired_token", 0.9, 0, ""},
		{"expired, as forbidden", auth("Bearer " + access(m{"exp": at(-3 * time.Hour)})), []string{"403 Forbidden"}, "expired_token", 0.7, 0.9, ""},
		{"expired in milliseconds", auth("Bearer " + access(m{"exp": at(-time.Hour) * 1000})), invalid, "expired_token", 0.9, 0, "milliseconds"},
		{"said to be expired, and is not", auth("Bearer " + access(nil)), said("The token expired"), "expired_token", 0.3, 0.6, "valid for another 50 minutes"},
		{"not yet valid", auth("Bearer " + access(m{"nbf": at(5 * time.Minute)})), said("The token is not valid yet"), "clock_skew", 0.95, 0, "valid only from 5 minutes after"},
		{"made in the future", auth("Bearer " + access(m{"iat": at(7 * time.Minute)})), invalid, "clock_skew", 0.85, 0, "7 minutes after"},
		{"unsigned", auth("Bearer " + token(m{"alg": "none"}, m{"exp": at(time.Hour)})), said("Signature verification failed"), "algorithm_not_allowed", 0.85, 0, "alg none"},
		{"ID token", auth("Bearer " + access(m{"at_hash": "x", "nonce": "y", "scope": nil})), invalid, "wrong_token_type", 0.75, 0, "an ID token"},
		{"refresh token", auth("Bearer " + access(m{"token_type": "refresh"})), said("Given token not valid for any token type"), "wrong_token_type", 0.8, 0, "a refresh token"},
		{"another API", auth("Bearer " + access(m{"aud": "https://api.other.example"})), said("The audience is invalid"), "wrong_audience", 0.9, 0, "made for api.other.example"},
		{"another API, not said", auth("Bearer " + access(m{"aud": "https://api.other.example"})), invalid, "wrong_audience", 0.5, 0.6, ""},
		{"another environment", auth("Bearer " + access(m{"iss": "https://login.staging.shop.example"})), invalid, "wrong_issuer", 0.4, 0.6, "another environment"},
		{"signature", auth("Bearer " + access(nil)), said("Signature verification failed"), "invalid_signature", 0.8, 0, "alg RS256, kid key-7"},
		{"refused without a word", auth("Bearer " + access(nil)), invalid, "invalid_token", 0.4, 0.8, ""},
		{"cut off", auth("Bearer " + access(nil)[:120]), invalid, "malformed_token", 0.85, 0, "three parts"},
		{"cut in its claims", auth("Bearer " + strings.Join([]string{strings.Split(access(nil), ".")[0], strings.Split(access(nil), ".")[1][:40], "c2ln"}, ".")), invalid, "malformed_token", 0.85, 0, "cut off"},
		{"as in a URL", auth("Bearer " + access(nil) + "%3D"), invalid, "malformed_token", 0.85, 0, "URL"},
		{"scope", auth("Bearer " + access(nil)), []string{"403 Forbidden", bearer + `, error="insufficient_scope", scope="orders:write"`}, "insufficient_permission", 0.9, 0, "lacks the scope orders:write"},
		{"contradiction", auth("Bearer " + access(m{"exp": at(-3 * time.Hour)})), said("The audience is invalid"), "wrong_audience", 0.5, 0.7, "expired_token"},

		// Lost on the way.
		{"stripped, said", auth("Bearer " + access(nil)), body(`{"error":"No token provided"}`), "proxy_stripped_header", 0.7, 0, "took them away"},
		{"stripped, perhaps", auth("Bearer " + access(nil)), refused, "proxy_stripped_header", 0.4, 0.6, ""},
		{"stale nonce", auth(`Digest username="ada", realm="shop", nonce="n1", uri="/", response="6629fae49393a05397450978507c4ef1"`), []string{"401 Unauthorized", `WWW-Authenticate: Digest realm="shop", nonce="n2", stale=true`}, "digest_stale_nonce", 0.8, 0, ""},

		// A value that somebody took out.
		{"taken out", auth("Bearer [REDACTED]"), said("The token expired"), "expired_token", 0.7, 0, "taken out of the capture"},

		// Nothing failed.
		{"fine", auth("Bearer " + access(nil)), []string{"200 OK", "", `{"ok":true}`}, "none", 0, 0, ""},
		{"bare 403", auth("Bearer " + access(nil)), []string{"403 Forbidden"}, "none", 0, 0, ""},
		{"preflight", []string{"Origin: https://shop.example", "Access-Control-Request-Method: GET"}, refused, "cors_preflight", 0.8, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			request := "GET /orders"
			switch c.name {
			case "preflight":
				request = "OPTIONS /orders"
			case "login":
				request = "POST /api/login"
			}
			all := judge(t, curl(request, c.sent, c.answer...))
			if len(all) != 1 {
				t.Fatalf("%d exchanges", len(all))
			}
			j := all[0]
			seen := strings.Join(j.Seen, "\n")
			if c.atMost == 0 {
				c.atMost = 1
			}
			if j.Cause.String() != c.cause || j.Confidence < c.atLeast || j.Confidence > c.atMost {
				t.Errorf("%s %.2f by %s (%s), want %s from %.2f to %.2f\n%v\n%s", j.Cause, j.Confidence, j.Rule, j.Evidence, c.cause, c.atLeast, c.atMost, j.Candidates, seen)
			}
			if !strings.Contains(seen+j.Evidence, c.sees) {
				t.Errorf("doesn't say %q:\n%s", c.sees, seen)
			}
			if strings.Contains(seen+j.Evidence, "ada") {
				t.Errorf("names somebody:\n%s", seen)
			}
		})
	}
}
