//go:build realserver

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// site is nginx in front of an application, both real, writing logs to dir.
type site struct {
	dir    string
	edge   string // base URL
	tokens map[string]string
	tool   string
}

func startSite(t *testing.T) *site {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Fatal("this test needs nginx: install Debian's package nginx-light")
	}
	s := &site{dir: t.TempDir()}
	s.tool = filepath.Join(s.dir, "why401")
	app := filepath.Join(s.dir, "app")
	build(t, ".", s.tool)
	build(t, "../../testdata/realserver/app", app)
	out, err := exec.Command(app, "tokens").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &s.tokens); err != nil {
		t.Fatal(err)
	}
	edge, inner, appPort := freePort(t), freePort(t), freePort(t)
	s.edge = "http://127.0.0.1:" + edge
	conf, err := os.ReadFile("../../testdata/realserver/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("{{dir}}", s.dir, "{{edge}}", edge, "{{inner}}", inner, "{{app}}", appPort).Replace(string(conf))
	write(t, filepath.Join(s.dir, "nginx.conf"), text)
	write(t, filepath.Join(s.dir, "htpasswd"), "alice:{PLAIN}"+"wonder"+"land\n")
	for _, page := range []string{"basic", "guarded"} {
		if err := os.MkdirAll(filepath.Join(s.dir, "www", page), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"ok", "challenge"} {
			write(t, filepath.Join(s.dir, "www", page, name), "hello\n")
		}
	}
	log, err := os.Create(filepath.Join(s.dir, "app.log"))
	if err != nil {
		t.Fatal(err)
	}
	serve(t, exec.Command(app, "127.0.0.1:"+appPort), log, appPort)
	serve(t, exec.Command(nginx, "-p", s.dir, "-c", filepath.Join(s.dir, "nginx.conf")), os.Stderr, edge)
	return s
}

func build(t *testing.T, dir, to string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-o", to, ".")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot build %s: %v\n%s", dir, err, out)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// serve starts cmd and waits until it listens on port.
func serve(t *testing.T, cmd *exec.Cmd, out *os.File, port string) {
	t.Helper()
	cmd.Stdout = out
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			t.Fatalf("%s ended at once: %v", cmd.Path, err)
		default:
		}
		c, err := net.DialTimeout("tcp", "127.0.0.1:"+port, time.Second)
		if err == nil {
			c.Close()
			return
		}
	}
}

// get sends one request and wants its status.
func (s *site) get(t *testing.T, want int, path, authorization string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.edge+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != want {
		t.Fatalf("%s: status %d, want %d", path, resp.StatusCode, want)
	}
}

func (s *site) run(t *testing.T, args ...string) (stdout, stderr []byte) {
	t.Helper()
	cmd := exec.Command(s.tool, args...)
	cmd.Dir = s.dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 {
			t.Fatalf("why401 %s: %v\n%s", strings.Join(args, " "), err, errs.Bytes())
		}
	}
	return out.Bytes(), errs.Bytes()
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// Every request that nginx and the application refuse gets the cause that it was
// made to have, and one finding, though up to three logs show it.
func TestRealNginxCauses(t *testing.T) {
	s := startSite(t)
	bearer := func(name string) string { return "Bearer " + s.tokens[name] }
	refused := []struct {
		path, authorization string
		causes              []string
	}{
		{"/basic/missing", "", []string{"missing_credentials"}},
		{"/basic/password", basic("alice", "looking"+"glass"), []string{"bad_credentials"}},
		{"/basic/unknown", basic("mallory", "wonder"+"land"), []string{"unknown_user"}},
		{"/guarded/expired", bearer("expired"), []string{"expired_token"}},
		{"/guarded/missing", "", []string{"missing_credentials"}},
		{"/api/missing", "", []string{"missing_credentials"}},
		{"/api/scheme", basic("alice", "wonder"+"land"), []string{"wrong_scheme"}},
		{"/api/expired", bearer("other-expired"), []string{"expired_token"}},
		{"/api/audience", bearer("audience"), []string{"wrong_audience"}},
		{"/api/signature", bearer("signature"), []string{"invalid_signature", "wrong_issuer"}},
		{"/api/unknown-key", bearer("unknown-key"), []string{"unknown_key"}},
		{"/api/issuer", bearer("issuer"), []string{"wrong_issuer"}},
		{"/api/algorithm", bearer("algorithm"), []string{"algorithm_not_allowed"}},
		{"/api/unreachable", bearer("unreachable"), []string{"idp_unreachable"}},
		{"/api/not-yet", bearer("not-yet"), []string{"clock_skew"}},
		{"/api/malformed", bearer("malformed"), []string{"malformed_token"}},
		{"/api/revoked", bearer("revoked"), []string{"revoked_token"}},
		{"/inner/stripped", bearer("stripped-token"), []string{"proxy_stripped_header"}},
	}
	s.get(t, 200, "/api/ok", bearer("good"))
	s.get(t, 200, "/basic/ok", basic("alice", "wonder"+"land"))
	s.get(t, 200, "/guarded/ok", bearer("good"))
	for _, r := range refused {
		s.get(t, 401, r.path, r.authorization)
	}
	s.get(t, 403, "/api/scope", bearer("scope"))
	s.get(t, 401, "/basic/challenge", "")
	s.get(t, 200, "/basic/challenge", basic("alice", "wonder"+"land"))

	out, _ := s.run(t, "report", "--format", "jsonl", "edge.log", "error.log", "app.log")
	found := map[string][]string{}
	for line := range bytes.Lines(out) {
		var f struct{ Type, Cause, Path string }
		if err := json.Unmarshal(line, &f); err != nil {
			t.Fatalf("not JSON: %s", line)
		}
		if f.Type == "cause" {
			found[f.Path] = append(found[f.Path], f.Cause)
		}
	}
	want := map[string][]string{"/basic/challenge": {"benign_challenge"}, "/api/scope": {"insufficient_permission"}}
	for _, r := range refused {
		want[r.path] = r.causes
	}
	for path, causes := range want {
		got := found[path]
		if len(got) != 1 || !strings.Contains(strings.Join(causes, " "), got[0]) {
			t.Errorf("%s: %v, want one of %v, once", path, got, causes)
		}
		delete(found, path)
	}
	if len(found) > 0 {
		t.Errorf("found besides: %v", found)
	}
	if t.Failed() {
		for _, name := range []string{"edge.log", "error.log", "app.log"} {
			text, _ := os.ReadFile(filepath.Join(s.dir, name))
			t.Logf("%s:\n%s", name, text)
		}
		t.Logf("report:\n%s", out)
	}
}

// Every credential that a careless log_format writes is found, none is shown.
func TestRealNginxLeaks(t *testing.T) {
	s := startSite(t)
	var secrets []string
	for _, name := range []string{"good", "expired", "audience", "signature"} {
		s.get(t, map[bool]int{true: 200, false: 401}[name == "good"], "/api/"+name, "Bearer "+s.tokens[name])
		secrets = append(secrets, s.tokens[name])
	}
	s.get(t, 401, "/basic/leak", basic("alice", "looking"+"glass"))
	pair := strings.TrimPrefix(basic("alice", "looking"+"glass"), "Basic ")
	secrets = append(secrets, pair, "looking"+"glass")
	s.get(t, 401, "/basic/none", "")

	out, _ := s.run(t, "check", "--format", "jsonl", "careless.log")
	lines := map[int]bool{}
	for line := range bytes.Lines(out) {
		var f struct {
			Type string
			Line int
		}
		if err := json.Unmarshal(line, &f); err != nil {
			t.Fatalf("not JSON: %s", line)
		}
		if f.Type == "leak" {
			lines[f.Line] = true
		}
	}
	if fmt.Sprint(lines) != "map[1:true 2:true 3:true 4:true 5:true]" {
		t.Errorf("leaks at lines %v, want 1 to 5\n%s", lines, out)
	}
	for _, args := range [][]string{
		{"check", "careless.log"}, {"check", "--format", "json", "careless.log"}, {"report", "careless.log"},
		{"report", "--format", "jsonl", "careless.log"}, {"parse", "careless.log"}, {"explain", "careless.log"},
		{"explain", "--format", "jsonl", "careless.log"}, {"redact", "careless.log"}, {"formats", "careless.log"},
	} {
		stdout, stderr := s.run(t, args...)
		all := string(stdout) + string(stderr)
		for _, secret := range secrets {
			for _, form := range []string{secret, url.QueryEscape(secret), hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))} {
				if strings.Contains(all, form) {
					t.Errorf("why401 %s shows a secret", strings.Join(args, " "))
				}
			}
		}
	}
}

// showWhy prints a report and the logs that it is of where a test has failed.
func showWhy(t *testing.T, out string, logs ...string) {
	if !t.Failed() {
		return
	}
	for _, name := range logs {
		text, _ := os.ReadFile(name)
		t.Logf("%s:\n%s", filepath.Base(name), text)
	}
	t.Logf("report:\n%s", out)
}
