// Command app is a small API behind nginx, as the tests with real servers need
// it: it checks bearer tokens with a usual library and logs what that says.
//
//	app ADDRESS    serves until it is killed; logs JSON lines on standard output
//	app tokens     prints a token for each way to be refused, as a JSON object
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var keys = map[string][]byte{"current": []byte(strings.Repeat("k", 32))}

var (
	errNoHeader = errors.New("authorization header missing")
	errScope    = errors.New("token has no scope orders:read")
)

func sign(kid string, key []byte, claims jwt.MapClaims) string {
	return signWith(jwt.SigningMethodHS256, kid, key, claims)
}

func signWith(alg jwt.SigningMethod, kid string, key []byte, claims jwt.MapClaims) string {
	t := jwt.NewWithClaims(alg, claims)
	t.Header["kid"] = kid
	s, err := t.SignedString(key)
	if err != nil {
		panic(err)
	}
	return s
}

func tokens() map[string]string {
	now := time.Now()
	claims := func(aud string, exp time.Time) jwt.MapClaims {
		return jwt.MapClaims{"sub": "alice", "iss": "shop", "aud": aud, "exp": exp.Unix(), "scope": "orders:read"}
	}
	late := now.Add(time.Hour)
	early := claims("orders", late)
	early["nbf"] = late.Add(-time.Minute).Unix()
	foreign := claims("orders", late)
	foreign["iss"] = "market"
	revoked := claims("orders", late)
	revoked["jti"] = "left"
	narrow := claims("orders", late)
	narrow["scope"] = "invoices:read"
	return map[string]string{
		"issuer":         sign("current", keys["current"], foreign),
		"revoked":        sign("current", keys["current"], revoked),
		"scope":          sign("current", keys["current"], narrow),
		"algorithm":      signWith(jwt.SigningMethodHS512, "current", keys["current"], claims("orders", late)),
		"unreachable":    sign("remote", keys["current"], claims("orders", late)),
		"good":           sign("current", keys["current"], claims("orders", late)),
		"expired":        sign("current", keys["current"], claims("orders", now.Add(-time.Hour))),
		"audience":       sign("current", keys["current"], claims("billing", late)),
		"signature":      sign("current", []byte(strings.Repeat("z", 32)), claims("orders", late)),
		"unknown-key":    sign("retired", keys["current"], claims("orders", late)),
		"not-yet":        sign("current", keys["current"], early),
		"malformed":      strings.Repeat("not-a-token-", 3),
		"other-expired":  sign("current", keys["current"], claims("orders", now.Add(-2*time.Hour))),
		"stripped-token": sign("current", keys["current"], claims("orders", late.Add(time.Minute))),
	}
}

func check(r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme == "" {
		return errNoHeader
	}
	if !strings.EqualFold(scheme, "Bearer") {
		return errors.New("unsupported authorization scheme, want Bearer")
	}
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		if key, ok := keys[kid]; ok {
			return key, nil
		}
		if kid == "remote" { // of a key server that is down
			_, err := http.Get("http://127.0.0.1:1/jwks")
			return nil, fmt.Errorf("fetching keys: %w", err)
		}
		return nil, errors.New("key id not found")
	}, jwt.WithAudience("orders"), jwt.WithIssuer("shop"), jwt.WithValidMethods([]string{"HS256"}))
	switch {
	case err != nil:
		return err
	case claims["jti"] == "left":
		return errors.New("token has been revoked")
	case claims["scope"] != "orders:read":
		return errScope
	}
	return nil
}

func main() {
	if os.Args[1] == "tokens" {
		if err := json.NewEncoder(os.Stdout).Encode(tokens()); err != nil {
			panic(err)
		}
		return
	}
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	handler := func(w http.ResponseWriter, r *http.Request) {
		attrs := []any{"request_id", r.Header.Get("X-Request-ID"), "remote_addr", r.Header.Get("X-Real-IP"), "method", r.Method, "path", r.URL.Path}
		if err := check(r); err != nil {
			status := http.StatusUnauthorized
			if err == errScope {
				status = http.StatusForbidden
			} else {
				w.Header().Set("WWW-Authenticate", `Bearer realm="orders"`)
			}
			w.WriteHeader(status)
			log.Warn("request refused", append(attrs, "status", status, "error", err.Error())...)
			return
		}
		log.Info("request", append(attrs, "status", 200)...)
	}
	if err := http.ListenAndServe(os.Args[1], http.HandlerFunc(handler)); err != nil {
		log.Error("cannot serve", "error", err.Error())
		os.Exit(1)
	}
}
