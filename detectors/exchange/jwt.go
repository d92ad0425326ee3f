package exchange

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// A jwt is what can be read of a token without its issuer's key (RFC 7519). What
// it says is what its bearer claims.
type jwt struct {
	alg, kid, typ string
	claims        map[string]any // nil where they are encrypted
	sealed        bool           // JWE: the claims can't be read
}

// readJWT reads a token. Where it is no whole JWT but wants to be one, wrong says
// what is the matter with it; of an opaque token both results are empty.
func readJWT(token []byte) (t *jwt, wrong string) {
	parts := bytes.Split(token, []byte{'.'})
	begins := bytes.HasPrefix(token, []byte("ey"))
	if len(parts) < 2 && !begins {
		return nil, ""
	}
	var header struct{ Alg, Kid, Typ any }
	text, err := decode(parts[0])
	if err != nil || json.Unmarshal(text, &header) != nil {
		if begins && len(parts) > 1 {
			return nil, "its first part is no JSON in base64url"
		}
		return nil, ""
	}
	t = &jwt{alg: str(header.Alg), kid: str(header.Kid), typ: str(header.Typ)}
	switch len(parts) {
	case 3:
	case 5:
		t.sealed = true
		return t, ""
	default:
		return nil, fmt.Sprintf("it has %d of a JWT's three parts, divided by dots", len(parts))
	}
	text, err = decode(parts[1])
	if err != nil {
		return nil, "its second part is not base64url"
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if d.Decode(&t.claims) != nil {
		return nil, "its second part is no JSON object: it was cut off or changed"
	}
	if len(parts[2]) == 0 && !strings.EqualFold(t.alg, "none") {
		return t, "its third part, the signature, is empty"
	}
	if _, err := decode(parts[2]); err != nil {
		return t, "its third part, the signature, is not base64url"
	}
	return t, ""
}

// decode decodes base64url; padding, which RFC 7515 forbids, is let pass.
func decode(b []byte) ([]byte, error) {
	b = bytes.TrimRight(b, "=")
	return base64.RawURLEncoding.AppendDecode(nil, b)
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

// time returns a claim that is a NumericDate (RFC 7519, section 2).
func (t *jwt) time(name string) (at time.Time, ok bool) {
	var f float64
	switch v := t.claims[name].(type) {
	case json.Number:
		f, _ = v.Float64()
	case string:
		f, _ = json.Number(v).Float64()
	}
	if f > 1e11 { // milliseconds, by mistake: told elsewhere
		f /= 1000
	}
	if f <= 0 || f > 1e11 || math.IsNaN(f) {
		return time.Time{}, false
	}
	return time.Unix(int64(f), 0).UTC(), true
}

// milliseconds reports whether a claim counts milliseconds, where seconds belong.
func (t *jwt) milliseconds(name string) bool {
	n, _ := t.claims[name].(json.Number)
	f, _ := n.Float64()
	return f > 1e11
}

// list returns a claim that is a string or a list of them.
func (t *jwt) list(name string) (out []string) {
	switch v := t.claims[name].(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v[:min(len(v), 32)] {
			if s := str(e); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// scopes returns what the token may do, as servers write it.
func (t *jwt) scopes() (out []string) {
	for _, name := range [...]string{"scope", "scp", "scopes"} {
		for _, s := range t.list(name) {
			out = append(out, strings.Fields(s)...)
		}
	}
	return out
}

// purpose tells a token that is no access token: "an ID token", "a refresh token";
// "" where nothing says so. sure is how surely.
func (t *jwt) purpose() (what string, sure float32) {
	for _, name := range [...]string{"token_use", "token_type", "typ", "use", "type"} {
		switch strings.ToLower(str(t.claims[name])) {
		case "id", "id_token", "idtoken":
			return "an ID token", 0.85
		case "refresh", "refresh_token", "refreshtoken", "offline":
			return "a refresh token", 0.9
		case "access", "access_token", "bearer", "at+jwt":
			return "", 0
		}
	}
	switch strings.ToLower(t.typ) {
	case "at+jwt", "application/at+jwt":
		return "", 0
	case "refresh", "rt+jwt":
		return "a refresh token", 0.9
	case "id", "id+jwt":
		return "an ID token", 0.85
	case "logout+jwt":
		return "a logout token", 0.85
	case "dpop+jwt":
		return "a DPoP proof", 0.85
	}
	_, access := t.claims["at_hash"]
	_, code := t.claims["c_hash"]
	_, nonce := t.claims["nonce"]
	switch {
	case access || code:
		return "an ID token", 0.8
	case nonce && len(t.scopes()) == 0:
		return "an ID token", 0.7
	}
	return "", 0
}

// persons are claims that name somebody: said to be there, never shown.
var persons = [...]string{"sub", "email", "name", "preferred_username", "upn", "unique_name", "given_name", "family_name", "phone_number"}
