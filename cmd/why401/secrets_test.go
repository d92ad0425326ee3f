package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shapes are ways in which logs hold the synthetic credentials.
var shapes = []string{
	`192.0.2.7 - - [12/Mar/2026:14:00:01 +0000] "GET /a?access_token=@JWT@&x=1 HTTP/1.1" 401 12 "https://shop.example/?token=@JWT@" "curl/8.5.0"`,
	`{"time":"2026-03-12T14:00:02Z","level":"warn","msg":"token is expired: @JWT@","status":401,"remote_ip":"192.0.2.7","user":"ada","path":"/a"}`,
	`{"time":"2026-03-12T14:00:03Z","level":"warn","msg":"login failed for Authorization: Basic @BASIC@","status":401,"headers":{"Authorization":"Basic @BASIC@"}}`,
	`{"time":"2026-03-12T14:00:04Z","level":"error","msg":"invalid api key","api_key":"@APIKEY@","status":401}`,
	`time=2026-03-12T14:00:05Z level=WARN msg="bad credentials" password=@PASS@ user=ada status=401`,
	`2026-03-12 14:00:06,123 ERROR app.auth: 401 Unauthorized: {'Authorization': 'Bearer @JWT@', 'X-Api-Key': '@APIKEY@'}`,
	`2026-03-12 14:00:07,123 ERROR app.auth: git push failed: authentication failed for https://bot:@GITHUB@@git.example/x.git`,
	`192.0.2.8 - - [12/Mar/2026:14:00:08 +0000] "POST /login?user=ada&password=@PASS@ HTTP/1.1" 401 12 "-" "curl -H 'Authorization: Bearer @JWT@'"`,
	`{"time":"2026-03-12T14:00:09Z","level":"debug","msg":"request","headers":"map[Authorization:[Bearer @JWT@] Cookie:[connect.sid=@COOKIE@]]","status":401}`,
	`2026-03-12T14:00:10Z DEBUG curl -u carla:@PASS@ https://api.example/v1 => 401 invalid password`,
	`{"time":"2026-03-12T14:00:11Z","level":"warn","msg":"401","path":"/reset?token=@JWT@","request_id":"Bearer @JWT@","user":"Bearer @JWT@","status":401}`,
	`2026-03-12T14:00:12Z DEBUG ImmutableMultiDict([('username', 'ada'), ('password', '@PASS@')])`,
	`{"time":"2026-03-12T14:00:13Z","msg":"call","body":"{\"method\":\"login\",\"params\":[\"ada\",\"@PASS@\"]}"}`,
	`2026-03-12T14:00:14Z DEBUG #{password => <<"@PASS@">>} {"apiKey":{"S":"@APIKEY@"}} argv ["app","--token","@APIKEY@"]`,
	`2026-03-12T14:00:15Z DEBUG rabbitmqctl add_user ada @PASS@`,
	`2026-03-12T14:00:16Z INFO GET /cb?next=%2Fx%3Ftoken%3D@APIKEY@ cookie: theme=dark; connect.sid=@COOKIE@`,
	`{"time":"2026-03-12T14:00:18Z","level":"warn","msg":"invalid token: @JWT-escaped@","path":"/a?password=@PASS-escaped@&token=@JWT-escaped@","user":"Basic @BASIC-escaped@","status":401,"remote_ip":"192.0.2.9"}`,
	`{"time":"2026-03-12T14:00:19Z","level":"warn","msg":"login failed","error":"wrong password=@PASS-escaped@","cookie":"connect.sid=@COOKIE-escaped@","status":401,"remote_ip":"192.0.2.9","user":"ada"}`,
	`2026-03-12T14:00:17Z DEBUG a:1:{s:8:"password";s:16:"@PASS@";} user=ada password=md5:5f4dcc3b5aa765d61d8327deb882cf99`,
}

// captured are exchanges that hold them: what curl -v prints, and a HAR file; and an
// attack whose tries share them.
var captured = map[string]string{
	"curl.txt": "> GET /a?access_token=@JWT@&api_key=@APIKEY@ HTTP/1.1\n> Host: api.example\n> Authorization: Bearer @JWT@\n> Cookie: connect.sid=@COOKIE@\n> \n" +
		"< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: Bearer realm=\"x\", error=\"invalid_token\", error_description=\"the token @JWT@ expired\"\n< Set-Cookie: connect.sid=@COOKIE@\n< \n" +
		`{"error":"bad token @JWT@","password":"@PASS@","api_key":"@APIKEY@"}` + "\n" +
		"> GET /b HTTP/1.1\n> Authorization: Basic @BASIC@\n> \n< HTTP/1.1 401\n< WWW-Authenticate: Basic realm=\"x\"\n< \n" +
		"> GET /c HTTP/1.1\n> Authorization: Bearer Basic @BASIC@\n> \n< HTTP/1.1 401\n< \n" +
		"> GET /d HTTP/1.1\n> Authorization: @GITHUB@\n> X-Api-Key: \"@APIKEY@\"\n> \n< HTTP/1.1 401\n< \nno such token: @GITHUB@\n",
	"shop.har": `{"log":{"version":"1.2","entries":[{"request":{"method":"POST","url":"https://bot:@GITHUB@@api.example/a?token=@JWT@",` +
		`"headers":[{"name":"authorization","value":"Bearer @JWT@"},{"name":"cookie","value":"connect.sid=@COOKIE@"}],"postData":{"text":"password=@PASS@"}},` +
		`"response":{"status":401,"headers":[],"content":{"text":"{\"api_key\":\"@APIKEY@\",\"message\":\"Authorization: Basic @BASIC@ was refused\"}"}}}]}}`,
	"botnet.jsonl":   tries(`"ja4":"@GITHUB@","user_agent":"tool Authorization: Bearer @JWT@"`),
	"language.jsonl": tries(`"accept_language":"password=@PASS@"`),
}

// tries are those of a botnet at forty names, each from another network, that have some
// members in common.
func tries(members string) string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, `{"time":"2026-03-12T14:%02d:00Z","msg":"login failed: no such user","status":401,"ip":"2001:db8:%x::9","user":"u%d",%s}`+"\n", i, 4096+99*i, i, members)
	}
	return b.String()
}

// planted is text with the synthetic credentials in their places; @NAME-escaped@
// stands for one with JSON's escapes.
func planted(text string) string {
	for k, v := range synthetic {
		escaped := ""
		for _, c := range []byte(v) {
			if strings.IndexByte(".=-%/_", c) >= 0 {
				escaped += fmt.Sprintf("\\u%04x", c)
			} else {
				escaped += string(rune(c))
			}
		}
		text = strings.NewReplacer("@"+k+"@", v, "@"+k+"-escaped@", escaped).Replace(text)
	}
	return text
}

// TestNoSecretLeaves plants credentials of each kind, runs every command over
// them in every format, with errors too, and searches all that comes out, in
// every encoding. redact is held to the same.
func TestNoSecretLeaves(t *testing.T) {
	dir := t.TempDir()
	text := planted(strings.Join(shapes, "\n") + "\n")
	logFile := filepath.Join(dir, "app.log")
	if err := os.WriteFile(logFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, text := range captured {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(planted(text)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bad := filepath.Join(dir, "settings.yaml")
	if err := os.WriteFile(bad, []byte("top: "+synthetic["JWT"]+"\n"+synthetic["GITHUB"]+": 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(dir, "own.yaml")
	if err := os.WriteFile(own, []byte("formats:\n  gate:\n    pattern: '%{ANY:attr.gate}: %{ANY:attr.rest}'\n    examples:\n    - {line: 'a: Bearer "+
		synthetic["JWT"]+"', expect: {attr.rest: x, "+synthetic["GITHUB"]+": x}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	leaky := filepath.Join(dir, "leaky.yaml")
	if err := os.WriteFile(leaky, []byte("ignores:\n- {fingerprint: "+synthetic["GITHUB"]+", reason: x}\n- {"+synthetic["JWT"]+": x}\n"+
		"names:\n  headers: ['x "+synthetic["PASS"]+"']\n  patterns: ['("+synthetic["PASS"]+"']\n  "+synthetic["GITHUB"]+": [x]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "why401") // testscript's command is this test under another name
	if err := os.Symlink(self, binary); err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, format := range []string{"table", "json", "jsonl", "csv", "markdown", "sarif", "junit", "gitlab", "github", "prometheus", "html"} {
		all = append(all, []string{"report", "--format", format, logFile}, []string{"check", "--format", format, logFile},
			[]string{"check", "-q", "-o", format + "=" + filepath.Join(dir, "check."+format), logFile})
	}
	known := filepath.Join(dir, "known.json")
	for _, args := range append(all, [][]string{
		{"check", "--write-baseline", known, logFile}, {"check", "--baseline", known, logFile}, {"check", "--baseline", logFile, logFile},
		{"check", "--baseline", synthetic["GITHUB"], logFile}, {"check", "--ignores", synthetic["GITHUB"], logFile}, {"check", "--config", leaky, logFile},
		{"report", "--state", filepath.Join(dir, "state"), logFile}, {"report", "--state", filepath.Join(dir, "state"), "-q", logFile},
		{"report", logFile}, {"report", "--format", "json", logFile}, {"report", "--format", "jsonl", logFile},
		{"report", "-o", filepath.Join(dir, "out.json"), "-o", filepath.Join(dir, "out.txt"), logFile},
		{"report", "--banlist", filepath.Join(dir, "bans.nft"), "--ban-for", "876000h", logFile},
		{"report", "--format", "csv", logFile}, {"report", "--format", "markdown", "--context", "2", logFile}, {"report", "--format", "sarif", logFile},
		{"report", "--context", "1", "--format", "html", logFile}, {"check", "--format", "html", logFile}, {"report", "--format", "prometheus", logFile},
		{"check", "--context", "3", logFile}, {"check", "--format", "sarif", logFile}, {"tail", "--from-start", "-"}, {"tail", "--alert-on", "low", "--alerts", filepath.Join(dir, "alerts.jsonl"), "-"}, {"parse", "--format", "json", logFile},
		{"report", "--color", "always", "--top", "100", logFile},
		{"check", logFile}, {"check", "--format", "jsonl", logFile}, {"check", "--format", "json", logFile},
		{"report", "botnet.jsonl"}, {"report", "--format", "jsonl", "botnet.jsonl"}, {"report", "--format", "html", "botnet.jsonl"}, {"report", "language.jsonl"}, {"parse", "botnet.jsonl"},
		{"redact", logFile}, {"explain", logFile}, {"explain", "--format", "jsonl", logFile}, {"explain", "--cause", "none,unknown", logFile},
		{"parse", logFile}, {"formats", logFile},
		{"explain", logFile, "--line", "1"}, {"explain", logFile, "--line", "3"}, {"explain", logFile, "--line", "9"}, {"explain", logFile, "--line", "11"},
		{"explain", "curl.txt", "shop.har"}, {"explain", "--format", "jsonl", "curl.txt", "shop.har"}, {"explain", "--format", "json", "shop.har"},
		{"explain", "curl.txt", "--line", "1"}, {"explain", "curl.txt", "--line", "12"}, {"explain", "curl.txt", "--line", "20"}, {"explain", "shop.har", "--line", "1"},
		{"report", "--log-format", "json", logFile}, {"parse", "--log-format", "combined", logFile},
		// Errors quote what was typed.
		{"report", "Bearer " + synthetic["JWT"]}, {"explain", "Authorization: Basic " + synthetic["BASIC"]}, {synthetic["GITHUB"]},
		{"report", "--format", synthetic["GITHUB"]}, {"report", "--since", synthetic["JWT"]}, {"report", "--cause", synthetic["JWT"]},
		{"report", "--client", synthetic["JWT"]}, {"report", "--config", bad, logFile}, {"rules", "test", "--config", own}, {"parse", "--config", own, logFile}, {"rules", "show", synthetic["JWT"]},
		{"report", "--" + synthetic["GITHUB"]}, {"report", "-o", synthetic["GITHUB"] + ".pdf", logFile},
	}...) {
		cmd := exec.Command(binary, args...)
		cmd.Env = append(os.Environ(), "WHY401_KEY="+synthetic["PASS"]+synthetic["APIKEY"], "HOME="+dir, "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary.md"))
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(text)
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		search(t, strings.ReplaceAll(fmt.Sprintf("%.60q", args), dir, ""), out)
	}
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == logFile || name == bad || name == own || name == leaky || captured[d.Name()] != "" {
			return err
		}
		out, err := os.ReadFile(name)
		search(t, filepath.Base(name), out)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// search fails if text holds a synthetic credential, or a good part of one, in
// any encoding.
func search(t *testing.T, where string, text []byte) {
	t.Helper()
	lower := bytes.ToLower(text)
	for name, secret := range synthetic {
		tail := secret[len(secret)-min(len(secret), 20):]
		for _, s := range []string{secret, secret[:min(len(secret), 24)], tail} {
			if name == "JWT" && s == secret[:24] {
				continue // the header says nothing
			}
			for enc, coded := range map[string]string{
				"raw": s, "percent": url.QueryEscape(s), "hex": hex.EncodeToString([]byte(s)),
				"base64":         strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(s)), "="),
				"base64, one on": base64.StdEncoding.EncodeToString([]byte("x" + s))[4 : 4+len(s)],
				"base64, two on": base64.StdEncoding.EncodeToString([]byte("xx" + s))[4 : 4+len(s)],
			} {
				if bytes.Contains(lower, bytes.ToLower([]byte(coded))) {
					t.Errorf("%s shows %s (%s)", where, name, enc)
				}
			}
		}
	}
}
