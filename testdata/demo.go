//go:build ignore

// Command demo writes the demo logs: one afternoon of a small bookshop, seen
// by its nginx (edge.log, JSON) and by its application (shop.log, Go's slog).
//
//	go run testdata/demo.go [-dir testdata/demo]
//
// Nothing in it is real. Addresses are those of documentation (RFC 5737 and 3849),
// and the credentials that the application "leaks" say so themselves once decoded.
// The same program always writes the same bytes.
package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	dir := flag.String("dir", filepath.Join("testdata", "demo"), "where to write")
	flag.Parse()
	s := &site{rng: rand.New(rand.NewPCG(4, 1)), start: time.Date(2026, 3, 12, 13, 0, 0, 0, time.UTC)}
	s.customers()
	s.office()
	s.stuffing()
	s.brokenClient()
	s.strippedHeader()
	s.firstChallenges()
	s.debugDump()
	for name, lines := range map[string][]line{"edge.log": s.edge, "shop.log": s.shop} {
		slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.at, b.at) })
		var text bytes.Buffer
		for _, l := range lines {
			text.Write(l.text)
			text.WriteByte('\n')
		}
		if err := os.WriteFile(filepath.Join(*dir, name), text.Bytes(), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// A line is one line of a log and when it was written, in seconds of the afternoon.
type line struct {
	at   float64
	text []byte
}

type site struct {
	rng        *rand.Rand
	start      time.Time
	edge, shop []line
}

func (s *site) time(at float64) time.Time { return s.start.Add(time.Duration(at * 1e9)) }

// A request goes through the edge to the application.
type request struct {
	at           float64
	ip, agent    string
	method, path string
	query        string
	status       int
	scheme       string // of the Authorization header, as the edge saw it
	user         string
	level, msg   string // the application's words, "request" if empty
	reason       string // the error that goes with them
}

// send writes a request to both logs.
func (s *site) send(r request) {
	id := fmt.Sprintf("%016x%016x", s.rng.Uint64(), s.rng.Uint64())
	took := 0.004 + s.rng.Float64()*0.05
	s.edge = append(s.edge, line{r.at + took, object(
		"time", s.time(r.at+took).Format("2006-01-02T15:04:05.000Z07:00"),
		"remote_addr", r.ip, "request_id", id, "request_method", r.method, "request_uri", r.path+r.query,
		"status", r.status, "request_time", float64(int(took*1000))/1000, "upstream_addr", "192.0.2.250:8080",
		"auth_scheme", r.scheme, "http_user_agent", r.agent)})
	level, msg := r.level, r.msg
	if msg == "" {
		level, msg = "INFO", "request"
	}
	pairs := []any{"time", s.time(r.at + took/2).Format(time.RFC3339Nano), "level", level, "msg", msg}
	if r.reason != "" {
		pairs = append(pairs, "error", r.reason)
	}
	pairs = append(pairs, "request_id", id, "remote_ip", r.ip, "method", r.method, "path", r.path, "status", r.status)
	if r.user != "" {
		pairs = append(pairs, "user", r.user)
	}
	s.shop = append(s.shop, line{r.at + took/2, object(pairs...)})
}

// say writes a line of the application that belongs to no request.
func (s *site) say(at float64, level, msg string, pairs ...any) {
	all := append([]any{"time", s.time(at).Format(time.RFC3339Nano), "level", level, "msg", msg}, pairs...)
	s.shop = append(s.shop, line{at, object(all...)})
}

// object is a JSON object with its keys in the order given.
func object(pairs ...any) []byte {
	b := []byte{'{'}
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		key, _ := json.Marshal(pairs[i])
		value, err := json.Marshal(pairs[i+1])
		if err != nil {
			log.Fatal(err)
		}
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}')
}

const afternoon = 4 * 3600

var (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0"
	safari  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1"
	chrome  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36"

	names = []string{"ada", "bela", "chidi", "dana", "edda", "farid", "greta", "hiro", "ines", "jonas", "kofi", "lena", "mara", "nils",
		"olga", "pavel", "quinn", "rosa", "samir", "tilda", "uma", "vera", "wanda", "xenia", "yusuf", "zoe"}
	pages = []string{"/api/v1/books", "/api/v1/basket", "/api/v1/orders", "/api/v1/reviews", "/api/v1/wishlist", "/api/v1/profile"}
)

// visitor is a customer with a browser and a token that lives fifteen minutes.
func (s *site) visitor(at float64, ip, agent, user string, visits int) {
	if s.rng.IntN(9) == 0 { // mistyped, then right
		s.login(at, ip, agent, user, false)
		at += 6 + s.rng.Float64()*20
	}
	s.login(at, ip, agent, user, true)
	issued := at
	for range visits {
		at += s.rng.ExpFloat64() * 240
		if at >= afternoon-60 {
			return
		}
		path := pages[s.rng.IntN(len(pages))]
		if s.rng.IntN(3) == 0 {
			path += fmt.Sprintf("/%d", 1000+s.rng.IntN(9000))
		}
		get := request{at: at, ip: ip, agent: agent, method: "GET", path: path, status: 200, scheme: "Bearer", user: user}
		if at-issued > 900 { // the browser notices from the 401, refreshes and tries again
			late := get
			late.status, late.user, late.level, late.msg, late.reason = 401, "", "WARN", "token rejected", "token has invalid claims: token is expired"
			s.send(late)
			s.send(request{at: at + 0.2, ip: ip, agent: agent, method: "POST", path: "/oauth/token", status: 200, user: user})
			issued, get.at = at+0.2, at+0.45
		}
		s.send(get)
	}
}

func (s *site) login(at float64, ip, agent, user string, ok bool) {
	r := request{at: at, ip: ip, agent: agent, method: "POST", path: "/login", status: 200, user: user, level: "INFO", msg: "login succeeded"}
	if !ok {
		r.status, r.level, r.msg, r.reason = 401, "WARN", "login failed", "invalid password"
	}
	s.send(r)
}

func (s *site) customers() {
	agents := []string{firefox, safari, chrome, chrome}
	for i := range 110 {
		ip := fmt.Sprintf("192.0.2.%d", 1+i*2)
		if i%5 == 4 {
			ip = fmt.Sprintf("2001:db8:%x::%x", 0x100+i, 1+s.rng.IntN(0xfff))
		}
		user := fmt.Sprintf("%s.%c", names[i%len(names)], 'a'+rune(i/len(names)))
		s.visitor(s.rng.Float64()*afternoon*0.8, ip, agents[i%len(agents)], user, 4+s.rng.IntN(22))
	}
}

// office is many people behind one address: no attack.
func (s *site) office() {
	for i := range 18 {
		s.visitor(1800+s.rng.Float64()*5000, "198.51.100.80", chrome, names[i]+".office", 3+s.rng.IntN(8))
	}
}

// stuffing tries a stolen list, one password a name, from a rented network. Two
// of the passwords are still in use.
func (s *site) stuffing() {
	at := 3900.0 // 14:05
	for i := range 320 {
		at += 2 + s.rng.ExpFloat64()*6
		ip := fmt.Sprintf("203.0.113.%d", 16+s.rng.IntN(14))
		r := request{at: at, ip: ip, agent: "python-requests/2.32.3", method: "POST", path: "/login", status: 401,
			user: fmt.Sprintf("%s%02d", names[s.rng.IntN(len(names))], s.rng.IntN(100)), level: "WARN", msg: "login failed", reason: "invalid password"}
		if s.rng.IntN(5) < 2 {
			r.reason = "unknown user"
		}
		if i == 141 || i == 268 {
			r.user = map[int]string{141: "greta.b", 268: "samir.a"}[i]
			r.status, r.level, r.msg, r.reason = 200, "INFO", "login succeeded", ""
		}
		s.send(r)
		if r.status == 200 {
			s.send(request{at: at + 3, ip: ip, agent: r.agent, method: "GET", path: "/api/v1/profile", status: 200, scheme: "Bearer", user: r.user})
		}
	}
}

// brokenClient is a stock import that works until somebody gives it a token of
// the test environment at 13:40, and that doesn't care about the answer.
func (s *site) brokenClient() {
	for at := 15.0; at < afternoon; at += 45 {
		r := request{at: at + s.rng.Float64(), ip: "198.51.100.23", agent: "stock-import/2.1", method: "GET", path: "/api/v1/stock",
			status: 200, scheme: "Bearer"}
		if at >= 2400 {
			r.status, r.level, r.msg, r.reason = 401, "WARN", "token rejected", "token has invalid claims: token has invalid audience"
		}
		s.send(r)
	}
}

// strippedHeader is a deployment of the edge at 15:20 that drops Authorization on
// one route, until somebody notices at 15:52.
func (s *site) strippedHeader() {
	for i, at := 0, 8400.0; at < 10320; i++ {
		at += s.rng.ExpFloat64() * 25
		s.send(request{at: at, ip: fmt.Sprintf("192.0.2.%d", 1+2*s.rng.IntN(110)), agent: chrome, method: "GET", path: "/api/v1/invoices",
			status: 401, scheme: "Bearer", level: "WARN", msg: "request refused", reason: "authorization header missing"})
	}
	for at := 300.0; at < afternoon; at += 60 + s.rng.Float64()*120 { // before and after, the route works
		if at < 8400 || at > 10320 {
			s.send(request{at: at, ip: fmt.Sprintf("192.0.2.%d", 1+2*s.rng.IntN(110)), agent: chrome, method: "GET",
				path: "/api/v1/invoices", status: 200, scheme: "Bearer", user: names[s.rng.IntN(len(names))] + ".a"})
		}
	}
}

// firstChallenges are a backup's: it sends a password only when it is asked for one.
func (s *site) firstChallenges() {
	for at := 120.0; at < afternoon; at += 600 {
		r := request{at: at, ip: "198.51.100.40", agent: "davfs2/1.7.0 neon/0.33.0", method: "PROPFIND", path: "/files/backup/", status: 401}
		r.level, r.msg, r.reason = "INFO", "asked for credentials", "no credentials"
		s.send(r)
		r.at, r.status, r.scheme, r.user, r.level, r.msg, r.reason = at+0.12, 207, "Basic", "backup", "", "", ""
		s.send(r)
	}
}

// debugDump is what somebody switched on at 16:10 to see why payments fail.
func (s *site) debugDump() {
	s.say(11400, "INFO", "log level changed", "to", "DEBUG")
	for i := range 3 {
		at := 11400 + float64(i+1)*97
		s.say(at, "DEBUG", "calling payment service", "url", "https://pay.example.com/v2/charges", "headers",
			fmt.Sprintf("map[Accept:[application/json] Authorization:[Bearer %s] Content-Type:[application/json]]", fakeToken(i)))
		s.say(at+0.4, "ERROR", "payment service answered", "status", 502)
	}
	s.say(11800, "INFO", "log level changed", "to", "INFO")
	s.send(request{at: 12050, ip: "192.0.2.77", agent: safari, method: "GET", path: "/api/v1/live", query: "?access_token=" + fakeToken(7), status: 101})
}

// fakeToken has the shape of a JWT and says that it is none.
func fakeToken(i int) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		part(fmt.Appendf(nil, `{"sub":"demo-%d","note":"made up for the demo logs"}`, i)) + "." +
		part(fmt.Appendf(nil, "this is no signature, demo only %d", i))
}
