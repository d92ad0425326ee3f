package leak

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"why401/parsers"
)

func testCanary(t testing.TB) Canary {
	c, err := NewCanary(rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func perByte(format string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&b, format, s[i])
		}
		return b.String()
	}
}

// encodings are what a log may make of a value.
var encodings = map[string]func(string) string{
	"raw":             func(s string) string { return s },
	"upper case":      strings.ToUpper,
	"base64":          func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 +1":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte(":" + s)) },
	"base64 +2":       func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("a:" + s + "?>")) },
	"base64 of upper": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(strings.ToUpper(s))) },
	"base64 in upper": func(s string) string { return strings.ToUpper(base64.StdEncoding.EncodeToString([]byte(s))) },
	"base64 twice": func(s string) string {
		b := base64.StdEncoding
		return b.EncodeToString([]byte("Basic " + b.EncodeToString([]byte("u:"+s))))
	},
	"base64 in a URL": func(s string) string {
		return strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte("~"+s)), "=", "%3D")
	},
	"hex":              func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEX":              func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"hex bytes":        perByte("%02x "),
	"hex with colons":  perByte("%02X:"),
	"hex of C":         perByte("0x%02x, "),
	"decimal":          perByte("%d "),
	"decimal, commas":  perByte("%d,"),
	"percent":          perByte("%%%02X"),
	"percent twice":    perByte("%%25%02x"),
	"JSON":             perByte(`\u%04x`),
	"JSON in JSON":     perByte(`\\u%04X`),
	"hex escapes":      perByte(`\x%02x`),
	"HTML":             perByte("&#%d;"),
	"HTML hex":         perByte("&#x%x;"),
	"quoted-printable": perByte("=%02X"),
	"a letter a line":  perByte("%c\n"),
	"UTF-16":           perByte("%c\x00"),
	"spaced":           perByte("%c "),
}

// TestCanary says that every part of eight characters is found, in every
// encoding, and redacted.
func TestCanary(t *testing.T) {
	c := testCanary(t)
	s := NewScanner()
	s.Watch(NewFinder(&c))
	for name, encode := range encodings {
		for _, v := range c.values() {
			v = v[len(canaryPrefix):]
			for i := 0; i+canaryPart <= len(v); i++ {
				for _, frame := range []string{"%s", "2026-03-04 INFO value: %s end\n", "zz%s??\n", `{"msg":"%s"}`} {
					text := []byte(fmt.Sprintf(frame, encode(v[i:i+canaryPart])))
					spans := s.Scan(&parsers.Block{Data: text})
					n := 0
					for _, sp := range spans {
						if sp.Kind == "canary" {
							n++
						}
					}
					if n == 0 {
						t.Fatalf("%s of part %d in %q isn't found", name, i, text)
					}
				}
			}
			for _, frame := range []string{"Authorization: Bearer %s\n", "x=%s&y=1\n"} {
				text := []byte(fmt.Sprintf(frame, encode(canaryPrefix+v)))
				out := s.Redact(nil, text)
				if bytes.Count(out, newline) != bytes.Count(text, newline) {
					t.Errorf("%s: redaction changes lines", name)
				}
				if name != "a letter a line" && len(s.Scan(&parsers.Block{Data: out})) > 0 {
					t.Errorf("%s: redaction leaves a trace: %q", name, out)
				}
			}
		}
	}
}

// TestCanaryParts says that seven characters are no trace, and that what else is
// in logs is none.
func TestCanaryParts(t *testing.T) {
	c := testCanary(t)
	s := NewScanner()
	s.Watch(NewFinder(&c))
	trace := func(text string) bool {
		for _, sp := range s.Scan(&parsers.Block{Data: []byte(text)}) {
			if sp.Kind == "canary" {
				return true
			}
		}
		return false
	}
	for _, v := range c.values() {
		v = v[len(canaryPrefix):]
		for i := 0; i+canaryPart <= len(v); i++ {
			if part := v[i : i+canaryPart-1]; trace("a " + part + " e " + hex.EncodeToString([]byte(part)) + " i") {
				t.Errorf("seven characters at %d are a trace", i)
			}
		}
	}
	other, err := NewCanary(rand.NewChaCha8([32]byte{2}))
	if err != nil {
		t.Fatal(err)
	}
	if all, _ := json.Marshal(other); trace(string(all)) || trace(string(corpus())) || trace(canaryPrefix) {
		t.Error("a false alarm")
	}
}

// TestCanaryCuts says that the places where blocks are cut change nothing.
func TestCanaryCuts(t *testing.T) {
	c := testCanary(t)
	v := c.Bearer
	s := NewScanner()
	s.Watch(NewFinder(&c))
	b64 := base64.StdEncoding.EncodeToString([]byte(v))
	log := []byte("a\n" + v + "\nb\n" + v[:20] + "\n  " + v[20:] + "\n" + b64[:30] + "\n" + b64[30:] + "\n" +
		v[:15] + strings.Repeat("\n", 5000) + v[15:22] + "\n" + strings.Repeat("-", 5000) + "\n" + v[22:30] + "\nend\n")
	want := cutScan(s, log, nil)
	if len(want) < 5 {
		t.Fatalf("%d traces", len(want))
	}
	var ends []int
	for i, b := range log {
		if b == '\n' {
			ends = append(ends, i+1)
		}
	}
	if got := cutScan(s, log, ends); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v\n%v", got, want)
	}
}

func TestReadCanary(t *testing.T) {
	c := testCanary(t)
	good, _ := json.Marshal(c)
	if _, err := ReadCanary(good); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "{}", "x" + string(good), strings.Replace(string(good), canaryPrefix, "", 1), strings.Replace(string(good), c.APIKey, c.APIKey[:30], 1)} {
		if _, err := ReadCanary([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
