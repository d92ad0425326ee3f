package rules

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"why401/parsers"
)

var benchRecords = []struct {
	name string
	r    parsers.Record
}{
	{"access", parsers.Record{Status: 200, Client: []byte("192.0.2.4"), Method: []byte("GET"), URL: []byte("/shop/items/4411?sort=price&page=2"), Path: []byte("/shop/items/4411")}},
	{"innocent", parsers.Record{Level: []byte("info"), Message: []byte("order 4411 of customer 77 was packed in warehouse north by robot 12 and handed over to the carrier after 31 minutes ok")}},
	{"near", parsers.Record{Level: []byte("info"), Message: []byte("token refreshed successfully for client shop, next refresh in 3400 seconds; session of user 77 goes on without a login")}},
	{"status", parsers.Record{Status: 401, Client: []byte("192.0.2.4"), Method: []byte("GET"), URL: []byte("/shop/items/4411"), Path: []byte("/shop/items/4411")}},
	{"failure", parsers.Record{Status: 401, Level: []byte("warn"), Message: []byte("request unauthorized | could not parse token: token has invalid claims: token is expired by 4m31s, sent by client shop")}},
	{"words", parsers.Record{Level: []byte("warn"), Message: []byte("login of account 4411 refused after 2 tries from the lobby terminal because the password that was given is wrong")}},
}

func BenchmarkClassify(b *testing.B) {
	for _, bench := range benchRecords {
		b.Run(bench.name, func(b *testing.B) {
			c := NewClassifier(Builtin())
			var v Verdict
			b.ReportAllocs()
			for b.Loop() {
				c.Classify(&bench.r, &v)
			}
		})
	}
}

// BenchmarkRules says what one failure costs, by the number of rules; its words
// are others each time, so that none is known from before.
func BenchmarkRules(b *testing.B) {
	list := slices.Clone(builtinRules[:])
	for i := len(list); i < 1000; i++ { // other products' sentences
		said := fmt.Sprintf("gate%x refused the token of depot%x", i, i*i)
		list = append(list, Rule{ID: fmt.Sprint("more-", i), Cause: InvalidToken, Tier: TierException,
			Detection: []Condition{{Field: "keywords", Op: Contains, Values: []string{said, fmt.Sprintf("E_TOKEN_%d", i)}}}})
	}
	for _, n := range []int{100, 200, len(builtinRules), len(list)} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s, err := NewSet(nil, slices.Clone(list[:n]))
			if err != nil {
				b.Fatal(err)
			}
			c := NewClassifier(s)
			r := parsers.Record{Status: 401, Level: []byte("warn"), Message: []byte("request of aaaaaa refused: token has invalid claims: token is expired by 4m31s")}
			var v Verdict
			for i := 0; b.Loop(); i++ {
				for k, at := i, len("request of aaaaa"); k > 0 && r.Message[at] != ' '; k, at = k/26, at-1 {
					r.Message[at] = byte('a' + k%26)
				}
				c.Classify(&r, &v)
			}
		})
	}
}

func BenchmarkBuiltin(b *testing.B) {
	for b.Loop() {
		if _, err := NewSet(builtinInfos, builtinRules[:]); err != nil {
			b.Fatal(err)
		}
	}
}

// An innocent record costs no memory.
func TestInnocentAllocatesNothing(t *testing.T) {
	c := NewClassifier(Builtin())
	for _, bench := range benchRecords[:3] {
		var v Verdict
		c.Classify(&bench.r, &v)
		if n := testing.AllocsPerRun(100, func() { c.Classify(&bench.r, &v) }); n > 0 {
			t.Errorf("%s: %v allocations", bench.name, n)
		}
	}
}

// slowFirst asks every rule, without gate and index.
func slowFirst(s *Set, r *parsers.Record) *rule {
	c := NewClassifier(s)
	c.hay = &hay{may: make([]uint64, s.patterns/64+1)}
	c.outline.fill(r, s.numbers)
	c.hay.fill(&c.outline)
	for i := range c.hay.may {
		c.hay.may[i] = ^uint64(0)
	}
	c.hay.refused = c.refused(r)
	for i := range s.rules {
		c.hit[i/64] |= 1 << (i % 64)
	}
	rule, _ := c.first(r)
	return rule
}

// FuzzClassify says that gate and index leave no rule out: the answer is that of
// asking every rule in turn.
func FuzzClassify(f *testing.F) {
	s := Builtin()
	for _, r := range s.rules {
		for _, e := range r.Examples {
			f.Add([]byte(e.Line), uint16(0), []byte("kim"))
		}
	}
	f.Add([]byte("user 'token expired' failed: no\x00 such \xff user"), uint16(401), []byte("token expired"))
	c := NewClassifier(s)
	f.Fuzz(func(t *testing.T, text []byte, status uint16, user []byte) {
		r := parsers.Record{Message: text, Status: status, User: user}
		before := slices.Clone(text)
		var v Verdict
		c.Classify(&r, &v)
		if !bytes.Equal(text, before) {
			t.Fatal("the message was written to")
		}
		var anew Verdict
		if NewClassifier(s).Classify(&r, &anew); !reflect.DeepEqual(v, anew) {
			t.Fatalf("remembered %+v, want %+v", v, anew)
		}
		if v.Confidence < 0 || v.Confidence > 1 || len(v.Evidence) > 200 {
			t.Fatalf("verdict %+v", v)
		}
		got, want := c.rule(&r), slowFirst(s, &r)
		if got == nil && want != nil && want.Cause == None && want.Signal == NoSignal {
			want = nil // nothing failed either way
		}
		if got != want {
			name := func(r *rule) string {
				if r == nil {
					return "no rule"
				}
				return r.name
			}
			t.Fatalf("index found %s, asking all finds %s", name(got), name(want))
		}
	})
}

// What a client writes doesn't decide.
func TestClientsWordsDontDecide(t *testing.T) {
	for _, line := range []string{
		`192.0.2.9 - - [01/May/2024:10:00:00 +0000] "GET /docs/token-expired.html HTTP/1.1" 200 912 "-" "Mozilla/5.0"`,
		`192.0.2.9 - - [01/May/2024:10:00:00 +0000] "GET /search?q=invalid+token+signature HTTP/1.1" 200 912 "-" "Mozilla/5.0"`,
		`192.0.2.9 - - [01/May/2024:10:00:00 +0000] "GET /a HTTP/1.1" 200 912 "https://a.example/?e=access+denied" "invalid password; token expired"`,
		`2024/05/01 10:00:00 [error] 7#7: *9 open() "/srv/www/token-expired.png" failed (2: No such file or directory), client: 192.0.2.9, server: a.example, request: "GET /token-expired.png HTTP/1.1", host: "a.example"`,
		`2024-05-01 10:00:00 1sAb00-000001-xy <= a@b.example H=mx.b.example [192.0.2.9] P=esmtps S=812 T="Invalid password for user kim7" for kim@a.example`,
		`May  1 10:00:00 mx1 postfix/cleanup[812]: 4F1C00: info: header Subject: Login failed for your account from mx.b.example[192.0.2.9]; from=<a@b.example> to=<kim@a.example> proto=ESMTP helo=<mx.b.example>`,
		`May  1 10:00:00 mx1 postfix/cleanup[812]: 4F1C00: warning: header Subject: Login failed for root from 203.0.113.9 from mx.b.example[192.0.2.9]; from=<a@b.example> to=<kim@a.example> proto=ESMTP helo=<mx.b.example>`,
		`{"ts":"2024-05-01T10:00:00Z","type":"chat","ip":"192.0.2.9","from":"kim","text":"invalid password"}`,
		`{"ts":"2024-05-01T10:00:00Z","event":"chat_message","ip":"192.0.2.9","from":"kim","message":"invalid password"}`,
		`2024-05-01T10:00:00Z INFO chat: room=7 msg="<kim> login failed for root from 203.0.113.9"`,
		`2024-05-01 10:00:00 INFO new comment by kim: subject="login failed for root from 203.0.113.9" ip=192.0.2.9`,
		`2024-05-01 10:00:00 INFO done: user_agent="invalid password for root" referer="https://a.example/token expired" ip=192.0.2.9`,
		`2024-05-01 10:00:00 INFO done: ua="he said \"no\", invalid password for root" ip=192.0.2.9`,
		`2024-05-01 10:00:00 INFO found 3 hits for search="token expired" ip=192.0.2.9`,
		`2024-05-01 10:00:00 INFO connected helo="login failed" host=<unknown> user=kim ip=192.0.2.9`,
		`2024-05-01 10:00:00 INFO kim rdns=unknown country=unknown user=kim ip=192.0.2.9`,
		`2024-05-01 10:00:00 INFO kim hostname unknown user=kim ip=192.0.2.9`,
		`May  1 10:00:00 mx1 postfix/smtpd[812]: connect from unknown[192.0.2.9] helo=<invalid.password>`,
		`May  1 10:00:00 mx1 smtpd[812]: 5ed1a2b3c4d5e600 smtp authentication user=kim address=192.0.2.9 host=<unknown> result=ok`,
	} {
		if v := verdict(t, line); v.Cause != None {
			t.Errorf("%s by %s:\n\t%s", v.Cause, v.Rule, line)
		}
	}
	for line, want := range map[string]Cause{
		`2024-05-01T10:00:00Z WARN auth: login failed for user 'token is expired' from 192.0.2.4`:                                        BadCredentials,
		`2024-05-01T10:00:00Z WARN auth: user "account locked": password mismatch`:                                                       BadCredentials,
		`2024-05-01T10:00:00Z WARN auth: login failed username="invalid signature"`:                                                      BadCredentials,
		`May  1 10:00:00 mx1 smtpd[812]: 5ed1a2b3c4d5e600 smtp authentication user=kim address=192.0.2.9 host=<unknown> result=permfail`: BadCredentials,
		`2024-05-01T10:00:00Z WARN auth: login failed ua="token expired" ip=192.0.2.9`:                                                   BadCredentials,
	} {
		if v := verdict(t, line); v.Cause != want {
			t.Errorf("%s by %s, want %s:\n\t%s", v.Cause, v.Rule, want, line)
		}
	}
}

// Lines that only talk about tokens, and successes, are no failures.
func TestInnocentLines(t *testing.T) {
	for _, line := range []string{
		`2024-05-01T10:00:00Z INFO token issued for client shop, expires in 3600 s`,
		`2024-05-01T10:00:00Z INFO auth: user kim logged in from 192.0.2.4`,
		`2024-05-01T10:00:00Z WARN the certificate of shop.example expires in 20 days`,
		`2024-05-01T10:00:00Z INFO authentication middleware enabled: bearer, basic`,
		`2024-05-01T10:00:00Z INFO cleaned up 40 expired sessions`,
		`2024-05-01T10:00:00Z INFO purged 12 expired tokens from the store`,
		`2024-05-01T10:00:00Z INFO password changed for user kim`,
		`2024-05-01T10:00:00Z ERROR could not connect to database: connection refused`,
		`2024-05-01T10:00:00Z ERROR payment provider timed out`,
		`2024-05-01T10:00:00Z WARN item 44 not found in cart`,
		`{"level":"info","msg":"login page rendered","status":200,"path":"/login"}`,
		`{"level":"info","msg":"checking token","status":200}`,
		`sshd[7]: Accepted publickey for kim from 192.0.2.4 port 50122 ssh2`,
		`192.0.2.9 - kim [01/May/2024:10:00:00 +0000] "GET /a HTTP/1.1" 403 912 "-" "Mozilla/5.0"`,
		`192.0.2.9 - - [01/May/2024:10:00:00 +0000] "GET /a HTTP/1.1" 404 912 "-" "Mozilla/5.0"`,
		`192.0.2.9 - - [01/May/2024:10:00:00 +0000] "POST /login HTTP/1.1" 302 0 "-" "Mozilla/5.0"`,
		`WARN slow query 1200 ms: select * from users where locked = false`,
		`ERROR payment declined by provider: insufficient funds`,
		`ERROR validation failed: password must be at least 12 characters`,
		`INFO session cache: 1200 entries, 40 expired and removed`,
		`postfix/smtpd[7]: NOQUEUE: reject: RCPT from a.example[192.0.2.4]: 550 5.1.1 <x@example.com>: Recipient address rejected: User unknown in local recipient table`,
		`2024-05-01 10:00:00.000 UTC [7] ERROR:  relation "sessions" does not exist`,
		`2024-05-01 10:00:00.000 UTC [7] ERROR:  column "token" does not exist`,
		`ActionController::RoutingError (No route matches [GET] "/x")`,
		`{"level":"warn","msg":"no route matched","status":404,"path":"/x"}`,
		`{"level":"warn","msg":"consumer group session timed out, rejoining"}`,
		`{"level":"warn","msg":"tokenizer: unknown token id 5012 replaced"}`,
		`{"level":"error","msg":"image signature does not match any known format"}`,
		`{"level":"error","msg":"permission denied: /var/log/app.log"}`,
		`ERROR open /data/cache: permission denied`,
		`ERROR pin 4 of connector is not configured`,
		`WARN trace id 42fa2fae81 mismatch between spans`,
		`WARN cache entry 2fa77-bb mismatch, reload`,
		`WARN coupon SUMMER has expired`,
		`WARN product 77 is disabled`,
		`WARN row locked by another transaction`,
		`http: TLS handshake error from 192.0.2.4:4000: EOF`,
		`sshd[7]: Connection closed by 192.0.2.4 port 4000 [preauth]`,
		`systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE`,
	} {
		if v := verdict(t, line); v.Cause != None {
			t.Errorf("%s by %s:\n\t%s", v.Cause, v.Rule, line)
		}
	}
}

func verdict(t *testing.T, line string) Verdict {
	t.Helper()
	c := NewClassifier(Builtin())
	var out, v Verdict
	b := parsers.Block{Source: &parsers.Source{Name: "-"}, Line: 1, Data: []byte(strings.TrimSuffix(line, "\n") + "\n")}
	parsers.NewReader(parsers.Options{}).Each(&b, func(r *parsers.Record) {
		if c.Classify(r, &v); v.Cause != None {
			out = v
		}
	})
	return out
}

// Records of no request carry a signal; within a request the same words don't.
func TestSignals(t *testing.T) {
	for line, want := range map[string]Signal{
		`2024-05-01T10:00:00Z WARN failed to refresh JWKS: connection refused`:                                    SignalDependency,
		`2024-05-01T10:00:00Z INFO server started in 3.1 s`:                                                       SignalRestart,
		`{"level":"warn","msg":"failed to refresh JWKS: connection refused","path":"/a","client_ip":"192.0.2.4"}`: NoSignal,
	} {
		c := NewClassifier(Builtin())
		var v Verdict
		b := parsers.Block{Source: &parsers.Source{Name: "-"}, Line: 1, Data: []byte(line + "\n")}
		parsers.NewReader(parsers.Options{}).Each(&b, func(r *parsers.Record) { c.Classify(r, &v) })
		if v.Signal != want {
			t.Errorf("signal %d by %s, want %d:\n\t%s", v.Signal, v.Rule, want, line)
		}
		if want == SignalRestart && v.Cause != None {
			t.Errorf("a restart is %s", v.Cause)
		}
	}
}

// Login forms are answered with 200 or 302 whatever became of the login: its own
// words say it. Other words of an answered request are no cause.
func TestAnsweredForms(t *testing.T) {
	for line, want := range map[string]Cause{
		`{"ts":"2024-05-01T10:00:00Z","method":"POST","path":"/session","status":302,"error":"invalid password for user mira","ip":"192.0.2.4"}`: BadCredentials,
		`{"ts":"2024-05-01T10:00:00Z","method":"POST","path":"/session","status":200,"msg":"login failed: account is locked","ip":"192.0.2.4"}`:  AccountLockedOrDisabled,
		`ts=2024-05-01T10:00:00Z method=POST path=/session status=200 msg="login refused: wrong password" ip=192.0.2.4`:                          BadCredentials,
		`{"ts":"2024-05-01T10:00:00Z","method":"POST","path":"/session","status":302,"msg":"signed in","ip":"192.0.2.4"}`:                        None,
		`{"ts":"2024-05-01T10:00:00Z","method":"GET","path":"/items","status":200,"msg":"item 7 not found in cache","ip":"192.0.2.4"}`:           None,
		`{"ts":"2024-05-01T10:00:00Z","method":"GET","path":"/login","status":200,"msg":"rendered the login form","ip":"192.0.2.4"}`:             None,
	} {
		if v := verdict(t, line); v.Cause != want {
			t.Errorf("%s by %s, want %s:\n\t%s", v.Cause, v.Rule, want, line)
		}
	}
}

// Of a sentence's parts the one that says why decides, and a word counts for
// what it is said of.
func TestSentences(t *testing.T) {
	for line, want := range map[string]Cause{
		"WARN access denied due to missing subscription key":               APIKeyMissing,
		"WARN access denied because this subscription key is disabled":     APIKeyInvalid,
		"WARN authorization required: user kim is not an owner":            InsufficientPermission,
		"WARN refused: caller isn't allowed to delete orders":              InsufficientPermission,
		"ERROR can't validate the token signature":                         InvalidSignature,
		"WARN the client is unauthorized due to authentication failure":    BadCredentials,
		"WARN account of kim is locked. Maximum failed attempts exceeded":  AccountLockedOrDisabled,
		"WARN token request refused. The assertion had a wrong audience":   WrongAudience,
		"WARN request denied: iss https://id.example.net":                  WrongIssuer,
		"INFO if the login fails five times the account is locked":         None,
		"WARN account is locked. If this is an error, call the desk":       AccountLockedOrDisabled,
		"INFO suite: PASS login_rejects_wrong_password (0.02s)":            None,
		"ERROR deploy: signature of shop-1.2.tgz is invalid":               None,
		`login_failed_total{method="password"} 17`:                         None,
		"ERROR rsync: failed to open /srv/a: Permission denied (13)":       None,
		"WARN profile: unknown locale of the last request of a user, skip": None,
	} {
		if v := verdict(t, line); v.Cause != want {
			t.Errorf("%s by %s, want %s:\n\t%s", v.Cause, v.Rule, want, line)
		}
	}
}

// Shared words that nothing else speaks for are no more than likely, and what
// speaks against them is a candidate.
func TestWeigh(t *testing.T) {
	said := func(line string) Verdict { return verdict(t, line) }
	if v := said("login refused: wrong password"); v.Confidence > 0.75 {
		t.Errorf("words alone: %v", v)
	}
	if v := said("2024-05-01T10:00:00Z WARN login refused: wrong password"); v.Confidence < 0.8 {
		t.Errorf("a second rule and a level: %v", v)
	}
	v := said("2024-05-01T10:00:00Z WARN refused, revoked token or rejected api key")
	other := slices.ContainsFunc(v.Candidates, func(c Candidate) bool {
		return c.Cause != v.Cause && (c.Cause == RevokedToken || c.Cause == APIKeyInvalid)
	})
	if v.Confidence > 0.7 || !other || v.Candidates[0].Cause != v.Cause {
		t.Errorf("two causes: %v", v)
	}
}

// Where no rule holds all words vote, if somebody was refused; it is a guess.
func TestVote(t *testing.T) {
	v := verdict(t, "2024-05-01T10:00:00Z WARN auth: unexpected wobble of redirect at callback for consent of the oauth flow")
	if v.Cause != OIDCFlowFailure || v.Confidence > surer || len(v.Candidates) < 2 || v.Candidates[0].Cause != v.Cause || v.Evidence == "" {
		t.Errorf("%+v", v)
	}
	for _, line := range []string{
		"2024-05-01T10:00:00Z INFO auth: unexpected wobble of redirect at callback for consent of the oauth flow",
		"2024-05-01T10:00:00Z WARN shop: unexpected wobble of redirect at callback of a button",
		"2024-05-01T10:00:00Z WARN auth: the visitor was unconvincing",
	} {
		if v := verdict(t, line); v.Cause != None {
			t.Errorf("%s by %s, want none:\n\t%s", v.Cause, v.Rule, line)
		}
	}
}
