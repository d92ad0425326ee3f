//go:build realserver

package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A refusal is a request that a server refuses by itself, and the causes that are
// right for it.
type refusal struct {
	target string
	header string // "Name: value" lines
	agent  string // probe/1.0
	method string // GET
	want   string // separated by spaces; none if nothing may be found
	client byte
}

// refusers are the servers with a configuration that can refuse for every reason
// that the server has.
var refusers = []struct {
	accessServer
	refusals []refusal
}{
	{accessServer{name: "nginx", needs: "nginx-light", conf: "nginx-refusals.conf", start: foreground("nginx", "-c")}, []refusal{
		{target: "/basic/missing", want: "missing_credentials"},
		{target: "/basic/password", header: alice("looking" + "glass"), want: "bad_credentials"},
		{target: "/basic/unknown", header: "Authorization: " + basic("mallory", "x") + "\r\n", want: "unknown_user"},
		{target: "/basic/scheme", header: "Authorization: Bearer x\r\n", want: "wrong_scheme"},
		{target: "/basic/malformed", header: "Authorization: Basic !\r\n", want: "missing_credentials malformed_header"}, // one text for all that can't be read
		{target: "/basic/preflight", method: "OPTIONS", agent: "Mozilla/5.0", header: "Origin: https://shop.example\r\nReferer: https://shop.example/\r\n", want: "cors_preflight"},
		{target: "/basic/large", header: "X-Filler: " + strings.Repeat("x", 5000) + "\r\n" + alice("wonder"+"land"), want: "malformed_header"},
		{target: "/inside", want: "network_policy_block"},
		{target: "/limited/1", want: ""},
		{target: "/limited/2", want: "rate_limited_or_blocked"},
		{target: "/guarded", header: "Authorization: Bearer x\r\n", want: "idp_unreachable"},
		{target: tlsOnly, want: "mtls_client_cert"},
	}},
	{accessServer{name: "apache", needs: "apache2-bin", conf: "apache-refusals.conf", start: foreground("apache2", "-DFOREGROUND", "-f")}, []refusal{
		{target: "/basic/missing", want: "missing_credentials"},
		{target: "/basic/password", header: alice("looking" + "glass"), want: "bad_credentials"},
		{target: "/basic/unknown", header: "Authorization: " + basic("mallory", "x") + "\r\n", want: "unknown_user"},
		{target: "/basic/scheme", header: "Authorization: Bearer x\r\n", want: "wrong_scheme"},
		{target: "/basic/admin", header: alice("wonder" + "land"), want: "insufficient_permission"},
		{target: "/basic/large", header: "X-Filler: " + strings.Repeat("x", 5000) + "\r\n" + alice("wonder"+"land"), want: "malformed_header"},
		{target: "/digest/missing", want: "missing_credentials"},
		{target: "/digest/password", header: "digest looking" + "glass", want: "bad_credentials"},
		{target: "/digest/scheme", header: alice("wonder" + "land"), want: "wrong_scheme"},
		{target: "/digest/nonce", header: "digest forged", want: "digest_stale_nonce digest_replay"},
		{target: "/inside", want: "network_policy_block"},
		{target: "/ldap", header: alice("wonder" + "land"), want: "idp_unreachable"},
		{target: "/no-file", header: alice("wonder" + "land"), want: "server_misconfiguration"},
		{target: tlsOnly, want: "mtls_client_cert"},
	}},
	{accessServer{name: "haproxy", needs: "haproxy", conf: "haproxy-refusals.cfg", start: foreground("haproxy", "-db", "-f")}, []refusal{
		{target: "/basic/missing", want: "missing_credentials"},
		{target: "/api/missing", want: "missing_credentials"},
		{target: "/api/expired", header: bearer(-time.Hour, "HS256", "shop", "orders", "k"), want: "expired_token"},
		{target: "/api/signature", header: bearer(time.Hour, "HS256", "shop", "orders", "z"), want: "invalid_signature"},
		{target: "/api/algorithm", header: bearer(time.Hour, "none", "shop", "orders", "k"), want: "algorithm_not_allowed"},
		{target: "/api/issuer", header: bearer(time.Hour, "HS256", "market", "orders", "k"), want: "wrong_issuer"},
		{target: "/api/audience", header: bearer(time.Hour, "HS256", "shop", "billing", "k"), want: "wrong_audience"},
		{target: "/limited/1", want: ""},
		{target: "/limited/2", want: "rate_limited_or_blocked"},
		{target: tlsOnly, header: "foreign", want: "mtls_client_cert"}, // of none it says no more than that the handshake failed
	}},
	{accessServer{name: "caddy", needs: "caddy", conf: "caddy-refusals.json", start: foreground("caddy", "run", "--config")}, []refusal{
		{target: "/basic/missing", want: "missing_credentials"},
		{target: "/basic/password", header: alice("looking" + "glass"), want: "bad_credentials"},
		{target: "/basic/scheme", header: "Authorization: Bearer x\r\n", want: "wrong_scheme unknown bad_credentials"}, // it shows that the header came, and no more
		{target: "/basic/preflight", method: "OPTIONS", agent: "Mozilla/5.0", header: "Origin: https://shop.example\r\nAccess-Control-Request-Method: GET\r\n", want: "cors_preflight"},
		{target: "/guarded/x", header: "Authorization: Bearer x\r\n", want: ""}, // nothing tells it from any other upstream that is down
		{target: tlsOnly, want: "mtls_client_cert"},
	}},
}

// tlsOnly is asked for without a client certificate, of the server that wants one.
const tlsOnly = "/tls"

func alice(password string) string {
	return "Authorization: " + basic("alice", password) + "\r\n"
}

// bearer returns the header with a token that lives for so long.
func bearer(life time.Duration, alg, iss, aud, key string) string {
	part := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := part(map[string]any{"alg": alg, "typ": "JWT"}) + "." + part(map[string]any{"sub": "alice", "iss": iss, "aud": aud, "exp": time.Now().Add(life).Unix()})
	mac := hmac.New(sha256.New, []byte(strings.Repeat(key, 32)))
	mac.Write([]byte(signed))
	return "Authorization: Bearer " + signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) + "\r\n"
}

// TestRealCauses lets servers refuse for each of their reasons, and wants each named
// once, from their access and error logs together.
func TestRealCauses(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "why401")
	build(t, ".", tool)
	for i := range refusers {
		server := &refusers[i]
		t.Run(server.name, func(t *testing.T) {
			secure := freePort(t)
			server.fill = []string{"{{tls}}", secure, "{{dead}}", freePort(t)}
			port, access, errors := server.launch(t)
			for range 6 {
				ask(t, port, &refusal{target: "/basic/right", header: alice("wonder" + "land")}, "")
			}
			want := map[string][]string{}
			challenge := ""
			for i := range server.refusals {
				r := &server.refusals[i]
				if r.target == tlsOnly {
					handshake(t, secure, r.header == "foreign")
				} else {
					if r.client = byte(i + 10); strings.HasPrefix(r.target, "/limited/") {
						r.client = 9
					}
					challenge = ask(t, port, r, challenge)
				}
				if r.want != "" {
					want[r.target] = strings.Fields(r.want)
				}
			}
			var found map[string][]string
			var out []byte
			whole := func() bool {
				s := &site{dir: filepath.Dir(access), tool: tool}
				out, _ = s.run(t, "report", "--format", "jsonl", access, errors)
				found = map[string][]string{}
				right := true
				for line := range bytes.Lines(out) {
					var f struct{ Type, Cause, Path string }
					if err := json.Unmarshal(line, &f); err != nil {
						t.Fatalf("not JSON: %s", line)
					}
					if f.Type == "cause" {
						if f.Path == "" {
							f.Path = tlsOnly
						}
						found[f.Path] = append(found[f.Path], f.Cause)
						right = right && strings.Contains(strings.Join(want[f.Path], " "), f.Cause)
					}
				}
				return right && len(found) == len(want)
			}
			eventually(t, whole) // error logs may be a moment behind
			for path, causes := range want {
				if got := found[path]; len(got) != 1 || !strings.Contains(strings.Join(causes, " "), got[0]) {
					t.Errorf("%q: %v, want one of %v, once", path, got, causes)
				}
				delete(found, path)
			}
			if len(found) > 0 {
				t.Errorf("found besides: %v", found)
			}
			showWhy(t, string(out), access, errors)
		})
	}
}

// ask sends r. A header of "digest" and a password answers the challenge that the
// answer to another request held; with "forged" in its place the nonce is not the server's.
func ask(t *testing.T, port string, r *refusal, challenge string) (next string) {
	t.Helper()
	header := r.header
	if password, ok := strings.CutPrefix(header, "digest "); ok {
		if password == "forged" {
			before, rest, _ := strings.Cut(challenge, `nonce="`)
			nonce, rest, _ := strings.Cut(rest, `"`)
			challenge, password = before+`nonce="`+nonce[:len(nonce)-4]+`0000"`+rest, "wonder"+"land"
		}
		header = digest(challenge, r.target, password)
	}
	if next = exchange(t, port, r, header).Header.Get("WWW-Authenticate"); strings.HasPrefix(next, "Digest ") {
		return next
	}
	return challenge
}

func exchange(t *testing.T, port string, r *refusal, header string) *http.Response {
	t.Helper()
	dialer := net.Dialer{Timeout: 5 * time.Second, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, r.client)}}
	c, err := dialer.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	method, agent := r.method, r.agent
	if method == "" {
		method = http.MethodGet
	}
	if agent == "" {
		agent = "probe/1.0"
	}
	fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: %s\r\nConnection: close\r\n%s\r\n", method, r.target, agent, header)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%s: %v", r.target, err)
	}
	resp.Body.Close()
	return resp
}

// digest answers a challenge (RFC 7616 section 3.4, with MD5 and qop=auth).
func digest(challenge, target, password string) string {
	value := func(name string) string {
		_, rest, _ := strings.Cut(challenge, name+`="`)
		text, _, _ := strings.Cut(rest, `"`)
		return text
	}
	sum := func(parts ...string) string {
		s := md5.Sum([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(s[:])
	}
	response := sum(sum("alice", value("realm"), password), value("nonce"), "00000001", "c0ffee", "auth", sum("GET", target))
	return fmt.Sprintf("Authorization: Digest username=\"alice\", realm=%q, nonce=%q, uri=%q, algorithm=MD5, qop=auth, nc=00000001, cnonce=\"c0ffee\", response=%q\r\n",
		value("realm"), value("nonce"), target, response)
}

// handshake connects and asks, as far as the server lets it: without a certificate,
// or with one that nobody vouches for.
func handshake(t *testing.T, port string, foreign bool) {
	t.Helper()
	conf := &tls.Config{InsecureSkipVerify: true, ServerName: "localhost"}
	if foreign {
		dir := t.TempDir()
		certify(t, dir)
		cert, err := tls.LoadX509KeyPair(filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key"))
		if err != nil {
			t.Fatal(err)
		}
		conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
	}
	c, err := tls.Dial("tcp", "127.0.0.1:"+port, conf)
	if err != nil {
		return // the handshake was refused
	}
	defer c.Close()
	fmt.Fprint(c, "GET "+tlsOnly+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	_, _ = c.Read(make([]byte, 512))
}

// certify writes a certificate for localhost, its own authority.
func certify(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, made, made, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	private := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}))
	write(t, filepath.Join(dir, "server.pem"), cert)
	write(t, filepath.Join(dir, "server.key"), private)
	write(t, filepath.Join(dir, "both.pem"), cert+private)
}
