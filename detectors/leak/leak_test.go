package leak

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"why401/parsers"
)

// Every secret here is made up from parts, so that scanners of this repository
// stay quiet. In the tables {x} stands for one; the letter says which.
var secrets = map[string]string{
	"{o}":  "q7" + "Zr4mW2xK9vB1nT6yH8sD3gF5",                                                                           // opaque
	"{h}":  "9f3a1c" + "5be7d20846" + "a1b2c3d4e5f60718",                                                                // 32 hex digits
	"{p}":  "Copper" + "-kite-" + "58",                                                                                  // a password
	"{P}":  "tin!" + "Wolf7",                                                                                            // one with a sign
	"{b}":  "b3BzOn" + "RpbkZveDcxY2FsbQ==",                                                                             // base64 of name:password
	"{j}":  "eyJhbGciOi" + "JIUzI1NiJ9." + "eyJzdWIiOiJhbGljZSJ9" + "." + "k3Vt9wQ2mZ7xB4nL8pR1sD6fG0hJ5yT3uC2eA9iO4qM", // JWT
	"{s}":  "eyJ2IjoxLC" + "JkIjoiYWJjIn0.aVd9Ew.q8XkP2mZ7xB4nL8pR1sD6fG0hJ5",                                           // signed session
	"{g}":  "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",                                                        // a vendor's form
	"{D}":  "dapi" + "9f3a1c5be7d20846a1b2c3d4e5f60718",                                                                 // one of a vendor whose form is short
	"{v}":  "hvs" + "." + "CAESIJ7x9mQ2wE4rT6yU8iO0pA1sD3fG5hJ7kL9z",                                                    // another
	"{u}":  "3f0c9a52-7d41-4b8e-9c26-5a1f0e7d8b34",                                                                      // UUID
	"{L}":  strings.Trim(fmt.Sprint([]byte("authorization: Bearer "+"q7Zr4mW2xK9vB1nT6yH8")), "[]"),                     // a header as bytes
	"{e}":  "acme_live_KozLLSypEwg" + "GLZFJehDWKPlm",                                                                   // without a digit
	"{a}":  "AGJvYgBN" + "YXBsZTIwMDkh",                                                                                 // a message of SASL's PLAIN
	"{m}":  "VGlnZXIh" + "VVpqcGpm",                                                                                     // base64 of a password
	"{q}":  "eyJzdWIiOiJhbGljZSJ9" + "." + "k3Vt9wQ2mZ7xB4nL8pR1sD6fG0hJ5yT3uC2eA9iO4qM",                                // a JWT without its header
	"{d}":  "482" + "913",                                                                                               // a one-time password
	"{n}":  "5550" + "1234",                                                                                             // a password of digits
	"{S}":  strings.Repeat("c0FfEe9d", 8),                                                                               // a signature
	"{k}":  "sk" + "-proj-" + "a1B2c3D4e5F6g7H8i9J0k1L2",
	"{O}":  "sha256" + "~" + "C4zqVwx3zkw54zfFrsAg6cZjXbIIgkSqrGqPYzGD7cT",
	"{N}":  "TlRMTVNT" + "UAADAAAA" + "q7Zr4mW2xK9vB1nT6yH8sD3gF5",      // NTLM, type 3
	"{K}":  "YIIJvwYGKwYBBQUC" + "oIIJszCCCa2gMDAuBgkqhkiC9xIBAgIGCSqG", // SPNEGO
	"{c}":  "s%3A" + "q7Zr4mW2xK9vB1nT6yH8sD3gF5" + ".c0FfEe9dc0FfEe9dc0Ff",
	"{W1}": "eyJhbGciOi" + "JIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IldyVGFj", // a token cut by the width of a terminal
	"{W2}": "9TB3RXoifQ." + "eyJzdWIiOiJhbGljZSJ9" + ".k3Vt9wQ2mZ7xB4nL8pR1sD6fG0hJ5yT3uC2eA9iO4qM",
	"{x}":  "PHNhbWxwOlJlc3BvbnNl" + strings.Repeat("Zm9vYmFy", 12), // SAML
	"{w}":  "FwoGZXIvYXdz" + strings.Repeat("EJr7Kq2v", 20),         // AWS session
}

// plant puts the secrets into a line of a table. It returns the line and what
// redaction must make of it.
func plant(line string) (text, want string) {
	text, want = line, line
	for k, v := range secrets {
		text = strings.ReplaceAll(text, k, v)
		want = strings.ReplaceAll(want, k, mark)
	}
	return text, want
}

func scan(text string) (redacted string, spans []Span) {
	b := &parsers.Block{Data: []byte(text), Line: 1}
	spans = NewScanner().Scan(b)
	return string(AppendRedacted(nil, b, spans)), spans
}

func TestLeaks(t *testing.T) {
	for _, c := range leaks {
		kind, lines, _ := strings.Cut(strings.TrimPrefix(c, "\n"), "\n")
		t.Run(kind, func(t *testing.T) {
			for line := range strings.SplitSeq(lines, "\n") {
				if line == "" {
					continue
				}
				text, want := plant(line)
				got, spans := scan(text)
				if got != want {
					t.Errorf("\nline %s\ngot  %s\nwant %s", text, got, want)
				}
				for _, sp := range spans {
					if sp.Kind == "" || sp.Location == "" || sp.Severity == "" || sp.Confidence <= 0 {
						t.Errorf("%s: incomplete: %+v", text, sp)
					}
				}
				if again, _ := scan(got); again != got {
					t.Errorf("redacted text is redacted again:\n%s\n%s", got, again)
				}
			}
		})
	}
}

func TestClean(t *testing.T) {
	for line := range strings.SplitSeq(clean, "\n") {
		text, _ := plant(line)
		if got, spans := scan(text); len(spans) > 0 {
			t.Errorf("%s: %+v\n%s", text, spans, got)
		}
	}
}

// A name whose value is empty says nothing about the next line.
func TestEmptyValue(t *testing.T) {
	digest := strings.Repeat("c0FfEe9d", 6)
	for _, empty := range []string{`X-Api-Key: ""`, `token=''`, `"authorization": ""`} {
		if got, spans := scan(empty + "\n" + digest + "\n"); len(spans) > 0 {
			t.Errorf("%s: %s", empty, got)
		}
	}
}

func TestLines(t *testing.T) {
	for _, c := range records {
		text, want := plant(strings.TrimPrefix(c, "\n"))
		if got, _ := scan(text); got != want {
			t.Errorf("\ngot\n%s\nwant\n%s", got, want)
		}
	}
}

// wrappers carry a line as containers and loggers do.
var wrappers = []func(string) string{
	func(s string) string { return s },
	func(s string) string { return "2026-03-04T05:06:07.089Z stdout F " + s },
	func(s string) string { return "Mar  4 05:06:07 web-1 app[123]: " + s },
	func(s string) string {
		return `{"log":` + fmt.Sprintf("%q", s+"\n") + `,"stream":"stdout","time":"2026-03-04T05:06:07.089Z"}`
	},
	func(s string) string { return "time=2026-03-04T05:06:07.089Z level=info msg=" + fmt.Sprintf("%q", s) },
	func(s string) string { return `{"a":` + fmt.Sprintf("%q", `{"b":`+fmt.Sprintf("%q", s)+`}`) + `}` },
}

// TestWrapped says that a line leaks, or doesn't, in whatever it is wrapped.
func TestWrapped(t *testing.T) {
	for _, c := range leaks {
		_, lines, _ := strings.Cut(strings.TrimPrefix(c, "\n"), "\n")
		for line := range strings.SplitSeq(lines, "\n") {
			if line == "" || strings.ContainsAny(line, "\x1b\\") {
				continue
			}
			for i, wrap := range wrappers {
				text, _ := plant(wrap(line))
				got, _ := scan(text)
				for k, v := range secrets {
					if strings.Contains(line, k) && strings.Contains(got, v) {
						t.Errorf("wrapper %d: %s leaves %s", i, text, k)
					}
				}
			}
		}
	}
	for line := range strings.SplitSeq(clean, "\n") {
		for i, wrap := range wrappers {
			if text := wrap(line); strings.ContainsAny(line, "\\\x1b") {
				continue
			} else if got, spans := scan(text); len(spans) > 0 {
				t.Errorf("wrapper %d: %s\n%s", i, text, got)
			}
		}
	}
}

// TestJSON says that redaction leaves valid JSON valid, in strings at any depth.
func TestJSON(t *testing.T) {
	n := 0
	for _, c := range leaks {
		for line := range strings.SplitSeq(c, "\n") {
			for _, wrap := range wrappers {
				text, _ := plant(wrap(line))
				if !json.Valid([]byte(text)) {
					continue
				}
				n++
				if got, _ := scan(text); !json.Valid([]byte(got)) {
					t.Errorf("%s\n%s", text, got)
				}
			}
		}
	}
	if n < 200 {
		t.Errorf("only %d lines are JSON", n)
	}
}

// corpus is everything the tables hold, as one log.
func corpus() []byte {
	var b bytes.Buffer
	for _, c := range leaks {
		_, lines, _ := strings.Cut(strings.TrimPrefix(c, "\n"), "\n")
		text, _ := plant(lines)
		b.WriteString(text)
	}
	b.WriteString(clean + "\n")
	for i, c := range records {
		text, _ := plant(strings.TrimPrefix(c, "\n"))
		b.WriteString(text)
		// The same with so much between its lines that blocks don't show both.
		fill := strings.Repeat("y", parsers.LookBehind+i-len(records)/2)
		b.WriteString(strings.ReplaceAll(text, "\n", "\n"+fill+"\n"))
	}
	return b.Bytes()
}

// absolute is a span as a whole log has it.
type absolute struct {
	lo, hi, line, column int
	kind                 string
	primary              bool
}

// cutScan scans log in blocks that end at the given lines' ends.
func cutScan(s *Scanner, log []byte, ends []int) (all []absolute) {
	from, line := 0, 0
	for _, end := range append(ends, len(log)) {
		if end <= from {
			continue
		}
		before := log[lookBehind(log, from):from]
		b := &parsers.Block{Before: before, Data: log[from:end], Line: int64(line + 1)}
		for _, sp := range s.Scan(b) {
			all = append(all, absolute{sp.Start + from, sp.End + from, sp.Line + line, sp.Column, sp.Kind, sp.Primary})
		}
		line += bytes.Count(log[from:end], newline)
		from = end
	}
	return all
}

// lookBehind is where the whole lines begin that a block at from may look back to.
func lookBehind(log []byte, from int) int {
	lo := max(0, from-parsers.LookBehind)
	if lo > 0 && log[lo-1] != '\n' {
		lo += bytes.IndexByte(log[lo:from], '\n') + 1
	}
	return lo
}

// TestCuts says that the places where blocks are cut change nothing.
func TestCuts(t *testing.T) {
	log := corpus()
	s := NewScanner()
	want := cutScan(s, log, nil)
	if len(want) < 100 {
		t.Fatalf("only %d spans", len(want))
	}
	var ends []int
	for i, c := range log {
		if c == '\n' {
			ends = append(ends, i+1)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for n := range 60 {
		cut := ends
		if n > 0 {
			cut = nil
			for _, e := range ends {
				if rnd.IntN(n) == 0 {
					cut = append(cut, e)
				}
			}
		}
		got := cutScan(s, log, cut)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			for i := range want {
				if i >= len(got) || got[i] != want[i] {
					t.Fatalf("%d cuts: span %d of %d is %+v, want %+v: %s", len(cut), i, len(got), got[min(i, len(got)-1)], want[i], log[want[i].lo:want[i].hi])
				}
			}
			t.Fatalf("%d cuts: %d spans, want %d", len(cut), len(got), len(want))
		}
	}
}

// TestParts says that a credential across the parts of a long line is replaced
// once, and wholly.
func TestParts(t *testing.T) {
	for _, shift := range []int{5, 30, 60} {
		head := strings.Repeat("x ", parsers.MaxLine/2)
		secret := secrets["{j}"]
		lead := "authorization: Bearer "
		line := head[:parsers.MaxLine-shift] + lead + secret + " end\n"
		var out []byte
		s := NewScanner()
		for part, from := 1, 0; from < len(line); part++ {
			end := min(from+parsers.MaxLine, len(line))
			text := []byte(line)
			b := &parsers.Block{Before: text[max(0, from-parsers.Overlap):from], Data: text[from:end], After: text[end:min(len(line), end+parsers.Overlap)], Part: part, Last: end == len(line)}
			out = AppendRedacted(out, b, s.Scan(b))
			from = end
		}
		if want := head[:parsers.MaxLine-shift] + lead + mark + " end\n"; string(out) != want {
			t.Errorf("shift %d: %q", shift, out[parsers.MaxLine-shift:])
		}
	}
}

func TestSpan(t *testing.T) {
	text, _ := plant("first\r\nGET / HTTP/1.1\r\nAuthorization: Bearer {o}\r\nlast")
	got, spans := scan(text)
	if len(spans) != 1 || spans[0].Line != 2 || spans[0].Column != 23 || spans[0].Scheme != "bearer" || spans[0].Location != "header" || !spans[0].Primary {
		t.Fatalf("%+v", spans)
	}
	if want := "first\r\nGET / HTTP/1.1\r\nAuthorization: Bearer [REDACTED]\r\nlast"; got != want {
		t.Errorf("%q", got)
	}
}

// TestPrefilter compares the prefilter with a plain search for each word.
func TestPrefilter(t *testing.T) {
	log := corpus()
	for i := range builtin().words {
		log = append(log, builtin().words[i].text...)
		log = append(log, " .,"[:i%4%3]...)
	}
	for from := range 9 {
		comparePrefilter(t, log[from:])
	}
}

func comparePrefilter(t *testing.T, text []byte) {
	t.Helper()
	got := map[hit]bool{}
	for lo := 0; lo < len(text); lo += 64 {
		for _, h := range builtin().find(nil, text, lo, min(lo+64, len(text))) {
			got[h] = true
		}
	}
	folded := lower(bytes.Clone(text))
	n := 0
	for w := range builtin().words {
		for at := 0; ; at++ {
			k := bytes.Index(folded[at:], []byte(builtin().words[w].text))
			if k < 0 {
				break
			}
			at += k
			n++
			if !got[hit{at, uint16(w)}] {
				t.Fatalf("%q at %d of %d is missed", builtin().words[w].text, at, len(text))
			}
		}
	}
	if n != len(got) {
		t.Fatalf("%d hits, want %d", len(got), n)
	}
}

func FuzzPrefilter(f *testing.F) {
	f.Add([]byte("Authorization: Bearer x"))
	f.Fuzz(func(t *testing.T, text []byte) { comparePrefilter(t, text) })
}

// FuzzScan says of any text: no panic, spans in order and inside, cuts change
// nothing, and no line is lost.
func FuzzScan(f *testing.F) {
	for line := range bytes.SplitSeq(corpus(), newline) {
		f.Add(line, 3)
	}
	for _, c := range records {
		text, _ := plant(c)
		f.Add([]byte(text), 1)
	}
	s, other := NewScanner(), NewScanner()
	f.Fuzz(func(t *testing.T, text []byte, every int) {
		whole := cutScan(s, text, nil)
		last := 0
		for _, a := range whole {
			if a.lo < last || a.hi <= a.lo || a.hi > len(text) || bytes.IndexByte(text[a.lo:a.hi], '\n') >= 0 {
				t.Fatalf("%+v of %q", a, text)
			}
			last = a.hi
		}
		var ends []int
		for i, c := range text {
			if every = every*31 + 7; c == '\n' && every%3 != 0 {
				ends = append(ends, i+1)
			}
		}
		if got := cutScan(other, text, ends); fmt.Sprint(got) != fmt.Sprint(whole) {
			t.Fatalf("cut at %v: %+v, whole %+v of %q", ends, got, whole, text)
		}
		if out := s.Redact(nil, text); bytes.Count(out, newline) != bytes.Count(text, newline) {
			t.Fatalf("lines changed: %q", text)
		}
	})
}

func TestNoAllocation(t *testing.T) {
	line := []byte(strings.Repeat(`203.0.113.9 - - [04/Mar/2026:05:06:07 +0000] "GET /api/v1/orders?page=2 HTTP/1.1" 200 512 "https://shop.example/" "Mozilla/5.0"`+"\n", 200))
	s := NewScanner()
	b := &parsers.Block{Data: line}
	if n := testing.AllocsPerRun(10, func() { s.Scan(b) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkScan(b *testing.B) {
	ordinary := strings.Repeat(`203.0.113.9 - bob [04/Mar/2026:05:06:07 +0000] "GET /api/v1/orders?page=2 HTTP/1.1" 200 512 "https://shop.example/" "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"`+"\n"+
		`{"level":"info","ts":"2026-03-04T05:06:07Z","caller":"api/handler.go:42","msg":"publishing event 7 to orders","client_ip":"198.51.100.7","request_id":"21d0d2e230e8e2ba4f96a24a"}`+"\n"+
		"2026-03-04 05:06:07,089 INFO app.views GET /orders/7 took 12 ms [0ee884507128] 198.51.100.7\n", 600)
	for _, c := range []struct{ name, text string }{
		{"ordinary", ordinary},
		{"candidates", string(corpus())},
		{"names", strings.Repeat("token: secret password ", 12000)},
		{"token", "Authorization: Bearer " + strings.Repeat("aB3", 80000)},
		{"base64", strings.Repeat("QmFzaWMg", 32000)},
		{"base64 lines", strings.Repeat("c2Vj QmFzaWMg"+"YWRhOnR1bGlwLUhhcmJvdXI YXV0aG9yaXphdGlvbjo=\n", 5000)},
		{"leaks", strings.Repeat("Authorization: Bearer "+secrets["{o}"]+"\n", 5000)},
		{"leaks on one line", strings.Repeat("x-api-key: "+secrets["{o}"]+" ", 6000)},
		{"escapes", strings.Repeat(`\\\"token\\\":\\\"`, 12000)},
		{"query", strings.Repeat("&token=%22"+secrets["{h}"], 6000)},
		{"ats", strings.Repeat("https://a:b@c", 20000)},
		{"hexdump", strings.Repeat("0010  41 75 74 68 6f 72 69 7a  61 74 69 6f 6e 3a 20 42  |Authorization: B|\n", 3500)},
		{"jwts", strings.Repeat(secrets["{j}"]+".", 2500)},
		{"cookies", strings.Repeat("cookie: sid="+secrets["{o}"]+"; ", 6000)},
		{"commands", strings.Repeat("curl -u a:b mysql -pq ", 12000)},
		{"keys", strings.Repeat("-----BEGIN PRIVATE KEY-----", 9000)},
		{"quotes", "password=" + strings.Repeat("\"", 250000)},
		{"pairs", strings.Repeat("token=abc&password=def&secret=ghi ", 8000)},
		{"paths", strings.Repeat("/reset/magic/verify/", 13000)},
		{"talk", strings.Repeat("Authorization header missing, bearer token was not provided\n", 4400)},
		{"names unanswered", strings.Repeat("token:\nsecret:\n", 16000)},
		{"sql", strings.Repeat("(password) values ('", 13000)},
		{"dumps", strings.Repeat("{\"password\":{\"token\":[", 12000)},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := NewScanner()
			blk := &parsers.Block{Data: []byte(c.text)}
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				s.Scan(blk)
			}
		})
	}
}

func TestProducers(t *testing.T) {
	for _, p := range producers {
		if p.name == "" || p.fix == "" || len(p.sign) < 5 {
			t.Errorf("incomplete: %+v", p)
		}
		text, _ := plant(p.sign + " Authorization: Bearer {o}")
		_, spans := scan("other line\n" + text)
		if len(spans) != 1 || spans[0].Producer != p.name || Fix(&spans[0]) == "" {
			t.Errorf("%s: %+v", text, spans)
		}
	}
}

// masks are what stands in a log where a secret was: redactions in every style,
// placeholders, references, hashes, and partial values that show too little.
var masks = []string{
	"***", "*", "********", "****************", "[REDACTED]", "[Redacted]", "[FILTERED]", "[MASKED]", "[HIDDEN]", "[PROTECTED]", "[secure]", "[omitted]", "[removed]",
	"<redacted>", "<masked>", "<secret>", "<hidden>", "<REDACTED:token>", "<REDACTED_BEARER_TOKEN>", "(redacted)", "(sanitized)", "--- REDACTED ---", "__REDACTED__", "REDACTED", "*redacted*",
	"XXXXXXXX", "xxxxxxxxxxxxxxxx", "\u2022\u2022\u2022\u2022\u2022\u2022\u2022", "\u2588\u2588", "%5BREDACTED%5D", "[Scrubbed]", "[credentials removed]", "<sensitive>", "#####",
	"<token>", "<your-api-key>", "${TOKEN}", "$TOKEN", "%TOKEN%", "{{token}}", "{token}", "${{ secrets.API_TOKEN }}", "env:API_TOKEN", "TOKEN_HERE", "your-api-key-here", "<YOUR_ACCESS_TOKEN>", "YOUR_TOKEN",
	"null", "None", "undefined", "nil", "-", "[object Object]",
	"sha256:2b9ce92aae5c78fe73177ca24fd1ae36b60ec002542b80e63f7257021a2b3c4d", "md5:95050b196bad78da87a59bb024af493d", "hmac:1a2b3c4d5e6f7081", "hash(sha1)=00429fc6373f0a9e6f22c4def6852235fdb2c16d",
	"aB3d****", "****wX9z", "aB3d...wX9z", "aB3d\u2026",
}

// TestMasks says that no line of the tables leaks once its secrets are masked.
func TestMasks(t *testing.T) {
	for _, c := range append(slices.Clone(leaks), records...) {
		for line := range strings.SplitSeq(c, "\n") {
			if !strings.Contains(line, "{") || strings.Contains(line, "{x}") {
				continue
			}
			for _, mask := range masks {
				text := line
				for k := range secrets {
					text = strings.ReplaceAll(text, k, mask)
				}
				if text == line || strings.Contains(line, "{d}") { // of a one-time password every digit counts
					continue
				}
				for _, wrap := range wrappers {
					if strings.ContainsAny(line, "\x1b\\") {
						wrap = wrappers[0]
					}
					if got, spans := scan(wrap(text)); len(spans) > 0 {
						t.Errorf("%s\n%s", wrap(text), got)
					}
				}
			}
		}
	}
}
