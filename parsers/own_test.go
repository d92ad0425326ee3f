package parsers

import (
	"strings"
	"testing"
)

func TestOwn(t *testing.T) {
	for _, c := range []struct {
		name string
		def  Definition
		line string
		want map[string]any
	}{
		{"pattern", Definition{Pattern: `%{TIMESTAMP:@timestamp} %{LEVEL:log.level} gate\[%{INT}\]: %{ANY:event.reason} for "%{ANY:user.name}" from %{IP:source.ip} (%{METHOD:http.request.method} %{WORD:url.original}, %{STATUS:http.response.status_code})`},
			`2026-11-22 00:12:31.250 +0100 WARN   gate[17]: token ran dry for "ada \" from 192.0.2.9" from 192.0.2.1 (GET /a?x=1, 401)`,
			map[string]any{"@timestamp": "2026-11-21T23:12:31.25Z", "log.level": "WARN", "event.reason": "token ran dry", "user.name": `ada " from 192.0.2.9`,
				"source.ip": "192.0.2.1", "http.request.method": "GET", "url.original": "/a?x=1", "url.path": "/a", "http.response.status_code": 401.0}},
		{"names of JSON", Definition{Pattern: `%{IP:client_ip}|%{STATUS:status}|%{ANY:attr.tenant}|%{GREEDYDATA:msg}`}, "2001:db8::7|403|blue|no\tseat",
			map[string]any{"source.ip": "2001:db8::7", "http.response.status_code": 403.0, "event.reason": "no\tseat"}},
		{"a whole line in its wrapper", Definition{Pattern: `%{TIMESTAMP:time} %{HOST:server.address} gate: %{IP:source.ip} %{ANY:event.reason}`}, "2026-11-22T00:12:31Z h1 gate: 192.0.2.1 shut",
			map[string]any{"@timestamp": "2026-11-22T00:12:31Z", "server.address": "h1", "source.ip": "192.0.2.1", "event.reason": "shut"}},
		{"regexp", Definition{Regexp: `(?P<user_name>\w+)@(?P<source_ip>\S+) (?:(?P<log_level>[A-Z]+) )?-> (?P<status>\d+)(?P<message>.*)`}, "ada@192.0.2.1 -> 401 too late",
			map[string]any{"user.name": "ada", "source.ip": "192.0.2.1", "http.response.status_code": 401.0, "event.reason": " too late"}},
		{"json", Definition{JSON: []Key{{"who.login", "user.name"}, {"rc", "http.response.status_code"}, {"say", "event.reason"}}},
			`{"time":"2026-11-22T00:12:31Z","who":{"login":"ada","id":7},"rc":401,"say":"too late","message":"x","user":"proxy","ip":"192.0.2.1"}`,
			map[string]any{"@timestamp": "2026-11-22T00:12:31Z", "user.name": "ada", "http.response.status_code": 401.0, "event.reason": "too late", "source.ip": "192.0.2.1"}},
	} {
		c.def.Name = "gate"
		p, err := c.def.Compile()
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, opt := range []Options{{Own: []*Parser{p}}, {Format: p}} {
			n := 0
			NewReader(opt).Each(sampleBlock([]byte(c.line+"\n")), func(r *Record) {
				n++
				_, got := ecs(r)
				c.want["why401.format"], c.want["log.file.line"] = "gate", 1.0
				diff(t, c.name, c.want, got)
			})
			if n != 1 {
				t.Errorf("%s: %d records", c.name, n)
			}
		}
	}
}

func diff(t *testing.T, name string, want, got map[string]any) {
	t.Helper()
	for key := range want {
		if got[key] != want[key] {
			t.Errorf("%s: %s is %v, want %v", name, key, got[key], want[key])
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: %s is %v, which nobody said", name, key, got[key])
		}
	}
}

// TestOwnOrder: what fits no format of the user's is read by ours, and of the
// user's the first that fits decides.
func TestOwnOrder(t *testing.T) {
	var own []*Parser
	for _, pattern := range []string{"a %{IP:source.ip} %{ANY:event.reason}", "a %{ANY:event.reason}", "%{ANY:event.reason} z"} {
		p, err := (&Definition{Name: pattern[:1], Pattern: pattern}).Compile()
		if err != nil {
			t.Fatal(err)
		}
		own = append(own, p)
	}
	for line, want := range map[string]*Parser{
		"a 192.0.2.1 x": own[0], "a 192.0.2 x": own[1], "b z": own[2], "2026-11-22T00:12:31Z b z": own[2],
		`192.0.2.1 - - [22/Nov/2026:00:12:31 +0000] "GET / HTTP/1.1" 200 1`: parserNamed("combined"), `{"level":"info","msg":"a"}`: parserNamed("json"),
	} {
		NewReader(Options{Own: own}).Each(sampleBlock([]byte(line)), func(r *Record) {
			if r.Format != want {
				t.Errorf("%q is read as %v", line, r.Format)
			}
		})
	}
}

func parserNamed(name string) *Parser {
	for _, p := range registry {
		if p.Name == name {
			return p
		}
	}
	return nil
}

func TestOwnErrors(t *testing.T) {
	for _, c := range []struct {
		def  Definition
		want string
	}{
		{Definition{}, "one of pattern, regexp and json"},
		{Definition{Pattern: "a", Regexp: "b"}, "one of pattern, regexp and json"},
		{Definition{Pattern: "plain"}, "names no fields"},
		{Definition{Pattern: "a %{IP:source.ip"}, "at character 3 of the format: %{ without }"},
		{Definition{Pattern: "%{IPX:source.ip}"}, `at character 1 of the format: "IPX" is no type: there are ANY, HOST`},
		{Definition{Pattern: "%{IP:sorce.ip}"}, `at character 1 of the format: "sorce.ip" is no field: events have @timestamp`},
		{Definition{Pattern: "%{IP:source.ip}%{INT}"}, "at character 16 of the format: nothing stands between"},
		{Definition{Regexp: "(?P<user_name>.*"}, "missing closing ): (?P<user_name>.*"},
		{Definition{Regexp: "(?P<user_name>.*))"}, "unexpected )"},
		{Definition{Regexp: "^.*$"}, "names no fields"},
		{Definition{Regexp: "(?P<usr_nam>.*)"}, `"usr_nam" is no field`},
		{Definition{JSON: []Key{{"a", "sorce.ip"}}}, `a: "sorce.ip" is no field`},
	} {
		if _, err := c.def.Compile(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.def, err, c.want)
		}
	}
	for name, f := range eventFields {
		if _, m, err := ownField(name); err != nil || m.field != f {
			t.Errorf("%s: %v, %v", name, m.field, err)
		}
	}
}

func FuzzOwn(f *testing.F) {
	f.Add(`%{TIMESTAMP:time} %{IP:source.ip} "%{ANY:user.name}"`, "", "2026-11-22T00:12:31Z 192.0.2.1 \"ada\"")
	f.Add("", `(?P<user_name>\w+) (?P<status>\d+)`, "ada 401")
	f.Fuzz(func(t *testing.T, pattern, expr, line string) {
		if p, err := (&Definition{Pattern: pattern, Regexp: expr}).Compile(); err == nil {
			NewReader(Options{Own: []*Parser{p}}).Each(sampleBlock([]byte(line)), func(*Record) {})
		}
	})
}
