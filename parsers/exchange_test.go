package parsers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// exchanges reads a capture and says each exchange in one line.
func exchanges(t *testing.T, capture string) []string {
	t.Helper()
	r := Captured([]byte(capture[:min(len(capture), 4<<10)]), strings.NewReader(capture))
	if r == nil {
		t.Fatalf("not taken for a capture:\n%.200s", capture)
	}
	var out []string
	for {
		x, err := r.Next()
		if err != nil {
			if err != io.EOF {
				out = append(out, err.Error())
			}
			return out
		}
		auth := "nothing"
		if v := x.Credentials(); len(v) > 0 {
			auth = string(bytes.Join(v, []byte(" | ")))
		}
		out = append(out, fmt.Sprintf("%d-%d %s %s %s %d %q %q sent %s%s", x.Line, x.Line+int64(x.Lines)-1, x.Method, x.Domain, x.URL, x.Status, x.Challenge, x.Message, auth,
			map[bool]string{true: " tls " + string(x.TLS)}[x.TLS != nil]))
	}
}

const refusal = `401 "Bearer realm=\"x\", error=\"invalid_token\"" "invalid_token | The token expired"`

func TestTranscripts(t *testing.T) {
	const meter = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
	const answer = "HTTP/1.1 401 Unauthorized\r\nDate: Sat, 14 Mar 2026 09:26:53 GMT\r\nWWW-Authenticate: Bearer realm=\"x\", error=\"invalid_token\"\r\nContent-Type: application/json\r\n\r\n"
	const body = `{"error":"invalid_token","error_description":"The token expired"}`
	prefix := func(mark, text string) string {
		return mark + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+mark) + "\n"
	}
	const request = "GET /me HTTP/1.1\r\nHost: api.example:8080\r\nAuthorization: Bearer abc\r\n\r\n"
	heads := prefix("> ", request) + prefix("< ", answer)
	for _, c := range []struct {
		name, capture string
		want          []string
	}{
		{"curl -v", meter + "*   Trying 192.0.2.1:8080...\n" + heads + "{ [65 bytes data]\n\r100    65  100    65    0     0   8467      0 --:--:-- --:--:-- --:--:--  9285\n* Connection #0 to host api.example left intact\n" + body,
			[]string{"4-16 GET api.example /me " + refusal + " sent Bearer abc"}},
		{"curl -sv, body first", "* Connected to api.example\n" + heads + body + "* Connection #0 to host api.example left intact\n",
			[]string{"2-11 GET api.example /me " + refusal + " sent Bearer abc"}},
		{"curl -v on one line with the meter", meter + strings.Replace(heads, "< ", "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0< ", 1) + body,
			[]string{"3-12 GET api.example /me " + refusal + " sent Bearer abc"}},
		{"curl -v by HTTP/2", "* using HTTP/2\n* [HTTP/2] [1] [authorization: Bearer abc]\n> GET /me HTTP/2\n> Host: api.example\n> authorization: Bearer abc\n> \n< HTTP/2 401 \n< www-authenticate: Bearer\n< \n",
			[]string{`3-9 GET api.example /me 401 "Bearer" "" sent Bearer abc`}},
		{"curl -v in a CI log", strings.ReplaceAll(strings.TrimSuffix("\n"+heads, "\n"), "\n", "\n2026-03-14T09:26:53.1234567Z ")[1:],
			[]string{`1-9 GET api.example /me 401 "Bearer realm=\"x\", error=\"invalid_token\"" "" sent Bearer abc`}},
		{"curl -vL", "> GET /a HTTP/1.1\n> Host: a.example\n> Authorization: Bearer abc\n> \n< HTTP/1.1 302 Found\n< Location: https://b.example/c\n< \n* Issue another request to this URL: 'https://b.example/c'\n> GET /c HTTP/1.1\n> Host: b.example\n> \n< HTTP/1.1 100 Continue\n< \n< HTTP/1.1 401 Unauthorized\n< \n",
			[]string{`1-7 GET a.example /a 302 "" "" sent Bearer abc`, `9-15 GET b.example /c 401 "" "" sent nothing`}},
		{"curl -i", answer + body, []string{"1-6    " + refusal + " sent nothing"}},
		{"curl -iL", "HTTP/2 302 \r\nlocation: /b\r\n\r\n" + answer + body, []string{`1-3    302 "" "" sent nothing`, "4-9    " + refusal + " sent nothing"}},
		{"HTTPie", strings.ReplaceAll(request+"\n"+answer+body+"\n\n", "\r", ""), []string{"1-11 GET api.example /me " + refusal + " sent Bearer abc"}},
		{"Wget -S", "--2026-03-14 09:26:53--  http://api.example/me\nConnecting to api.example... connected.\nHTTP request sent, awaiting response... \n" + prefix("  ", strings.ReplaceAll(answer, "\r", "")) + "\nUsername/Password Authentication Failed.\n",
			[]string{`1-8  api.example http://api.example/me 401 "Bearer realm=\"x\", error=\"invalid_token\"" "" sent nothing`}},
		{"Wget -d", "DEBUG output created by Wget 1.21.3 on linux-gnu.\n\n--2026-03-14 09:26:53--  http://api.example/me\n---request begin---\n" + request + "---request end---\nHTTP request sent, awaiting response... \n---response begin---\n" + answer + "---response end---\n401 Unauthorized\nSkipping 65 bytes of body: [" + body + "] done.\n",
			[]string{"3-19 GET api.example /me " + refusal + " sent Bearer abc"}},
		{"curl --trace-ascii", "== Info:   Trying 192.0.2.1:80...\n=> Send header, 154 bytes (0x9a)\n0000: GET /me HTTP/1.1\n0012: Host: api.example\n0025: Authorization: Bearer abcdefghijklmnopqrstuvwxyzabcdefghijklmnop\n0065: qrstuvwxyz\n0071: \n<= Recv header, 27 bytes (0x1b)\n0000: HTTP/1.1 401 Unauthorized\n<= Recv header, 2 bytes (0x2)\n0000: \n<= Recv data, 9 bytes (0x9)\n0000: {\"error\":\n0009: \"gone\"}\n{\"error\": \"gone\"}== Info: Connection #0 to host api.example left intact\n",
			[]string{`2-14 GET api.example /me 401 "" "gone" sent Bearer abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz`}},
		{"curl --trace", "== Info: Connected\n=> Send header, 22 bytes (0x16)\n0000: 47 45 54 20 2f 6d 65 20 48 54 54 50 2f 31 2e 31 GET /me HTTP/1.1\n0010: 0d 0a 0d 0a                                     ....\n<= Recv header, 14 bytes (0xe)\n0000: 48 54 54 50 2f 31 2e 31 20 34 30 31 0d 0a       HTTP/1.1 401..\n",
			[]string{`2-6 GET  /me 401 "" "" sent nothing`}},
		{"certificate", "* Connected to api.example (192.0.2.1) port 443 (#0)\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n* TLSv1.3 (IN), TLS alert, unknown (628):\n* OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0\n* Closing connection 0\n",
			[]string{`4-4  api.example  0 "" "" sent nothing tls certificate required`}},
		{"our own alert", "* Connected to api.example (192.0.2.1) port 443 (#0)\n* TLSv1.3 (OUT), TLS alert, unknown CA (560):\n* SSL certificate problem: unable to get local issuer certificate\n", nil},
		{"proxy", "> CONNECT api.example:443 HTTP/1.1\r\n> Host: api.example:443\r\n> \r\n< HTTP/1.1 407 Proxy Authentication Required\r\n< Proxy-Authenticate: Basic realm=\"out\"\r\n< \r\n* CONNECT tunnel failed, response 407\n",
			[]string{`1-6 CONNECT api.example api.example:443 407 "Basic realm=\"out\"" "" sent nothing`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := exchanges(t, c.capture)
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// har returns a HAR file with these entries.
func har(indent bool, entries ...map[string]any) string {
	doc := map[string]any{"log": map[string]any{"version": "1.2", "creator": map[string]any{"name": "WebInspector", "version": "537.36"}, "entries": append([]map[string]any{}, entries...)}}
	b, err := json.Marshal(doc)
	if indent {
		b, err = json.MarshalIndent(doc, "", "  ")
	}
	if err != nil {
		panic(err)
	}
	return string(b)
}

func harEntry(status int, sent, answered map[string]string, text string) map[string]any {
	list := func(headers map[string]string) (out []any) {
		for k, v := range headers {
			out = append(out, map[string]any{"name": k, "value": v})
		}
		return out
	}
	return map[string]any{
		"startedDateTime": "2026-03-14T09:26:53.123Z", "time": 1.5, "cache": map[string]any{}, "_initiator": map[string]any{"stack": map[string]any{"parent": []any{}}},
		"request":  map[string]any{"method": "GET", "url": "https://api.example/me?x=\"1\"", "headers": list(sent), "cookies": []any{}, "headersSize": -1},
		"response": map[string]any{"status": status, "headers": list(answered), "content": map[string]any{"size": len(text), "text": text}},
	}
}

func TestHAR(t *testing.T) {
	entry := harEntry(401, map[string]string{"Authorization": "Bearer abc"}, map[string]string{"www-authenticate": "Bearer"}, `{"error":"invalid_token"}`)
	coded := harEntry(401, nil, nil, "eyJlcnJvciI6ImdvbmUifQ==")
	coded["response"].(map[string]any)["content"].(map[string]any)["encoding"] = "base64"
	text := har(true, entry, coded)
	want := []string{
		`8-42 GET api.example https://api.example/me?x="1" 401 "Bearer" "invalid_token" sent Bearer abc`,
		`43-68 GET api.example https://api.example/me?x="1" 401 "" "gone" sent nothing`,
	}
	if got := exchanges(t, text); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), text)
	}
	if got := exchanges(t, text[:len(text)-200]); len(got) != 2 || got[1] != errHAR.Error() {
		t.Errorf("a HAR cut off: %q", got)
	}
	if got := exchanges(t, har(false)); got != nil {
		t.Errorf("an empty HAR: %q", got)
	}
}

// A body of any length is skipped beyond what is kept, wherever it is escaped.
func TestHARLongStrings(t *testing.T) {
	for _, long := range []string{strings.Repeat("x", 3*maxCaptured), strings.Repeat(`\`, 3*maxCaptured+1), strings.Repeat(`"`, 2*maxCaptured)} {
		got := exchanges(t, har(false, harEntry(200, nil, nil, long), harEntry(401, nil, nil, "gone")))
		if len(got) != 2 || !strings.Contains(got[1], `"gone"`) {
			t.Errorf("%.200q", got)
		}
	}
}

// Logs are no captures, though they speak of HTTP and of logs.
func TestNoCapture(t *testing.T) {
	for _, log := range []string{
		"", "{", "jwt expired\n",
		`{"log":{"level":"info","logger":"app"},"message":"started"}` + "\n",
		`{"log":"GET / HTTP/1.1\n","stream":"stdout"}` + "\n",
		`192.0.2.7 - - [14/Mar/2026:09:26:53 +0000] "GET / HTTP/1.1" 401 12` + "\n",
		"2026-03-14T09:26:53Z GET /me 401\n", "GET /me 401 3ms\n", "* a list\n* of things\n",
		"WWW-Authenticate: Bearer error=\"invalid_token\"\n",
	} {
		if Captured([]byte(log), strings.NewReader(log)) != nil {
			t.Errorf("%q is taken for a capture", log)
		}
	}
}

// FuzzExchanges reads anything as a capture: it ends, keeps its bounds, and counts
// lines as they are.
func FuzzExchanges(f *testing.F) {
	f.Add([]byte("> GET /me HTTP/1.1\n> Authorization: Bearer abc\n> \n< HTTP/1.1 401\n< \n{\"error\":\"gone\"}"))
	f.Add([]byte("=> Send header, 22 bytes (0x16)\n0000: GET / HTTP/1.1\n<= Recv header, 14 bytes (0xe)\n0000: HTTP/1.1 401\n"))
	f.Add([]byte("--2026-03-14 09:26:53--  http://a.example/\n  HTTP/1.1 401 Unauthorized\n  A: b\n"))
	f.Add([]byte(har(true, harEntry(401, map[string]string{"A": "b"}, nil, "x"))))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, head := range [][]byte{text, []byte("< HTTP/1.1 401"), []byte(`{"log":{"version"`)} {
			r := Captured(head, bytes.NewReader(text))
			if r == nil {
				continue
			}
			last := int64(0)
			for {
				x, err := r.Next()
				if err != nil {
					break
				}
				if x.Line < last || x.Lines < 1 || x.Line+int64(x.Lines)-1 > int64(bytes.Count(text, []byte("\n")))+1 {
					t.Fatalf("lines %d, %d after line %d", x.Line, x.Lines, last)
				}
				last = x.Line
				if len(x.Body) > maxCaptured || len(x.Request) > maxHeaders || len(x.Response) > maxHeaders {
					t.Fatal("beyond its bounds")
				}
			}
		}
	})
}
