//go:build realserver

package main

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A sentRequest is what the test sends, byte for byte, and what answer came.
type sentRequest struct {
	target, user, password, agent string
	ipv6                          bool
	status                        int
}

func accessRequests() []*sentRequest {
	right, wrong := "wonder"+"land", "looking"+"glass"
	return []*sentRequest{
		{target: "/plain?a=1&b=%22", agent: "probe/1.0"},
		{target: "/basic/right", user: "alice", password: right, agent: "probe/1.0"},
		{target: "/basic/wrong", user: "alice", password: wrong, agent: "probe/1.0"},
		{target: "/basic/none", agent: "probe/1.0"},
		{target: "/basic/odd-name", user: `al ice"[x]\y`, password: wrong, agent: "probe/1.0"},
		{target: "/odd/a'b;c,d%22e%20f?q=%22GET%20/fake%20HTTP/1.1%22%20200&r=%5B1%5D", agent: "probe/1.0"},
		{target: "/agent", agent: `evil/1 "-" [22/Nov/2026:00:00:00 +0000] "GET /fake HTTP/1.1" 200 1 "\" 192.0.2.9`},
		{target: "/ipv6", agent: "probe/1.0", ipv6: true},
	}
}

// send makes the request and notes the status of the answer.
func (r *sentRequest) send(t *testing.T, port, origin string) {
	t.Helper()
	host := "127.0.0.1"
	if r.ipv6 {
		host = "::1"
	}
	c, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	header := "Authorization"
	if origin != "" {
		header = "Proxy-Authorization"
	}
	fmt.Fprintf(c, "GET %s%s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: %s\r\nConnection: close\r\n", origin, r.target, r.agent)
	if r.user != "" {
		fmt.Fprintf(c, "%s: %s\r\n", header, basic(r.user, r.password))
	}
	fmt.Fprint(c, "\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%s: %v", r.target, err)
	}
	resp.Body.Close()
	r.status = resp.StatusCode
}

// An accessServer is a real server with one log.
type accessServer struct {
	name    string
	needs   string // Debian's package
	conf    string // file in testdata/realserver
	format  string // of the log, as the configuration has it
	read    string // --log-format, if the format isn't found by itself
	fields  string // that the log has, of "user agent"
	unknown bool   // a name is logged only where the password fits
	quoting func(string) string
	proxy   bool
	start   func(t *testing.T, dir, conf string) *exec.Cmd
	logs    string   // what else follows the log: varnishncsa's arguments
	fill    []string // what more the test fills in: names and values
}

var accessServers = []accessServer{
	{name: "apache", needs: "apache2-bin", conf: "apache.conf", fields: "user agent", quoting: backslashes, start: foreground("apache2", "-DFOREGROUND", "-f"),
		format: `%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"`},
	{name: "apache custom", needs: "apache2-bin", conf: "apache.conf", fields: "user agent", quoting: backslashes, start: foreground("apache2", "-DFOREGROUND", "-f"),
		format: `%{%Y-%m-%dT%H:%M:%S%z}t|%a|\"%{User-Agent}i\"|\"%u\"|\"%r\"|%>s`, read: `%{%Y-%m-%dT%H:%M:%S%z}t|%a|\"%{User-Agent}i\"|\"%u\"|\"%r\"|%>s`},
	{name: "haproxy", needs: "haproxy", conf: "haproxy.cfg", fields: "agent", quoting: hashes, start: foreground("haproxy", "-db", "-f"), format: "option httplog"},
	// A captured header has no name in a log-format: the agent can't be told.
	{name: "haproxy custom", needs: "haproxy", conf: "haproxy.cfg", quoting: backslashes, start: foreground("haproxy", "-db", "-f"),
		format: `log-format '%ci:%cp %ST [%tr] %{+Q}r %{+Q,+E}[capture.req.hdr(0)]'`, read: `%ci:%cp %ST [%tr] %{+Q}r %{+Q,+E}[capture.req.hdr(0)]`},
	{name: "caddy", needs: "caddy", conf: "caddy.json", fields: "user agent", unknown: true, start: foreground("caddy", "run", "--config"), format: "json"},
	{name: "caddy console", needs: "caddy", conf: "caddy.json", fields: "user agent", unknown: true, start: foreground("caddy", "run", "--config"), format: "console"},
	{name: "squid", needs: "squid", conf: "squid.conf", fields: "user", quoting: percents, proxy: true, start: foreground("squid", "-N", "-f"), format: "%ts"},
	{name: "squid custom", needs: "squid", conf: "squid.conf", fields: "user agent", quoting: percents, proxy: true, start: foreground("squid", "-N", "-f"),
		format: `%>a %[ui %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st "%{Referer}>h" "%{User-Agent}>h" %Ss:%Sh`},
	{name: "lighttpd", needs: "lighttpd", conf: "lighttpd.conf", fields: "user agent", unknown: true, quoting: backslashes, start: foreground("lighttpd", "-D", "-f")},
	{name: "lighttpd custom", needs: "lighttpd", conf: "lighttpd.conf", fields: "user agent", unknown: true, quoting: backslashes, start: foreground("lighttpd", "-D", "-f"),
		format: `accesslog.format = "%h %u %t %s \"%{User-Agent}i\" \"%r\""`, read: `%h %u %t %s \"%{User-Agent}i\" \"%r\"`},
	{name: "varnish", needs: "varnish", conf: "varnish.vcl", fields: "user agent", quoting: backslashes, start: varnish},
	{name: "varnish custom", needs: "varnish", conf: "varnish.vcl", fields: "user agent", quoting: backslashes, start: varnish,
		format: `%s %{User-Agent}i`, read: `%t %s %h "%u" "%r" "%{User-Agent}i"`, logs: `%t %s %h "%u" "%r" "%{User-Agent}i"`},
	{name: "tomcat", needs: "tomcat10", conf: "tomcat-server.xml", fields: "user", unknown: true, quoting: backslashes, start: tomcat, format: `%h %l %u %t "%r" %s %b`},
	{name: "tomcat custom", needs: "tomcat10", conf: "tomcat-server.xml", fields: "user agent", unknown: true, quoting: backslashes, start: tomcat,
		format: `%a %u %t %s "%{User-Agent}i" "%r"`, read: `%a %u %t %s "%{User-Agent}i" "%r"`},
}

// foreground runs a server whose last argument is its configuration.
func foreground(name string, args ...string) func(*testing.T, string, string) *exec.Cmd {
	return func(t *testing.T, dir, conf string) *exec.Cmd { return exec.Command(name, append(args, conf)...) }
}

func varnish(t *testing.T, dir, conf string) *exec.Cmd {
	port := filepath.Base(dir)
	return exec.Command("varnishd", "-F", "-j", "none", "-n", filepath.Join(dir, "varnish"), "-s", "malloc,16m", "-a", "127.0.0.1:"+port, "-a", "[::1]:"+port, "-f", conf)
}

func tomcat(t *testing.T, dir, conf string) *exec.Cmd {
	for _, sub := range []string{"conf", "temp", "webapps/ROOT/WEB-INF"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	web, err := os.ReadFile("../../testdata/realserver/tomcat-web.xml")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "webapps/ROOT/WEB-INF/web.xml"), string(web))
	write(t, filepath.Join(dir, "conf/users.xml"), `<tomcat-users><user username="alice" password="`+"wonder"+"land"+`" roles="staff"/></tomcat-users>`)
	write(t, filepath.Join(dir, "conf/catalina.properties"), "common.loader=${catalina.home}/lib/*.jar\ntomcat.util.scan.StandardJarScanFilter.jarsToSkip=*.jar\n")
	if err := os.Rename(conf, filepath.Join(dir, "conf/server.xml")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/share/tomcat10/bin/catalina.sh", "run")
	cmd.Env = append(os.Environ(), "CATALINA_BASE="+dir, "CATALINA_HOME=/usr/share/tomcat10", "JAVA_OPTS=-XX:TieredStopAtLevel=1 -Xmx128m")
	return cmd
}

// How a server writes what a client sent into its log, undone.
var byteEscape = regexp.MustCompile(`\\(x[0-9A-Fa-f]{2}|.)`)

func backslashes(s string) string {
	return byteEscape.ReplaceAllStringFunc(s, func(m string) string {
		if n, err := strconv.ParseUint(strings.TrimPrefix(m, `\x`), 16, 8); err == nil && len(m) == 4 {
			return string([]byte{byte(n)})
		}
		return m[1:]
	})
}

func hashes(s string) string {
	return regexp.MustCompile(`#[0-9A-F]{2}`).ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.ParseUint(m[1:], 16, 8)
		return string([]byte{byte(n)})
	})
}

// percents is Squid's way: brackets and controls as %5b, and quotes behind backslashes.
func percents(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		s = u
	}
	return backslashes(s)
}

// TestRealAccessLogs lets real servers write down requests that lie, and compares
// every field that their logs hold with what was sent.
func TestRealAccessLogs(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "why401")
	build(t, ".", tool)
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer origin.Close()
	for _, server := range accessServers {
		t.Run(server.name, func(t *testing.T) { server.test(t, tool, origin.URL) })
	}
}

// launch starts the server and returns its port and where it writes.
func (a *accessServer) launch(t *testing.T) (port, access, errors string) {
	t.Helper()
	port = freePort(t)
	// Servers that give up root need to reach their files: no directory of t's own.
	top, err := os.MkdirTemp("", "realaccess")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(top) })
	dir := filepath.Join(top, port)
	for _, d := range []string{top, dir} {
		if err := os.MkdirAll(d, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	conf := a.configure(t, dir, port)
	access = filepath.Join(dir, "access.log")
	out, err := os.Create(filepath.Join(dir, "stdout.log"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(a.name, "haproxy") {
		access = out.Name()
	}
	errs, err := os.Create(filepath.Join(dir, "stderr.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := a.start(t, dir, conf)
	cmd.Stderr = errs
	if cmd.Err != nil {
		t.Fatalf("this test needs Debian's package %s: %v", a.needs, cmd.Err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	serve(t, cmd, out, port)
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	if a.name[:4] == "varn" {
		a.varnishncsa(t, dir, access, port)
	}
	if text, err := os.ReadFile(conf); err == nil && bytes.Contains(text, []byte("/error.log")) { // its own, beside what it says on standard error
		return port, access, filepath.Join(dir, "error.log")
	}
	return port, access, errs.Name()
}

func (a *accessServer) test(t *testing.T, tool, origin string) {
	port, access, errors := a.launch(t)
	if !a.proxy {
		origin = ""
	}
	began := time.Now().Truncate(time.Second)
	requests := accessRequests()
	for _, r := range requests {
		r.send(t, port, origin)
	}
	args := []string{"parse", access}
	if a.read != "" {
		args = append(args, "--log-format", a.read)
	}
	events := a.events(t, tool, args, access, requests)
	for _, r := range requests { // which servers write in any order
		i := slices.IndexFunc(events, func(e accessEvent) bool { return strings.HasSuffix(e.URL.Original, r.target) })
		if i < 0 {
			t.Errorf("no entry for %s", r.target)
			continue
		}
		a.compare(t, r, events[i], origin, began)
	}
	if t.Failed() {
		for _, name := range []string{access, errors} {
			text, _ := os.ReadFile(name)
			t.Logf("%s:\n%s", filepath.Base(name), text)
		}
	}
}

// configure writes the server's files and returns the name of its configuration.
func (a *accessServer) configure(t *testing.T, dir, port string) string {
	t.Helper()
	password := "wonder" + "land"
	sum := sha1.Sum([]byte(password))
	write(t, filepath.Join(dir, "htpasswd"), "alice:{SHA}"+base64.StdEncoding.EncodeToString(sum[:])+"\n")
	write(t, filepath.Join(dir, "plain"), "alice:"+password+"\n")
	// bcrypt of the password at its lowest cost: Caddy's own command takes seconds.
	bcrypt := "$2b$04$abcdefghijklmnopqrstuu" + "jZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu"
	write(t, filepath.Join(dir, "crypted"), "alice:"+bcrypt+"\n")
	text, err := os.ReadFile("../../testdata/realserver/" + a.conf)
	if err != nil {
		t.Fatal(err)
	}
	format, log := a.format, "custom"
	if a.needs == "squid" && a.format == "%ts" {
		log = "squid"
	}
	if strings.HasSuffix(a.conf, ".xml") {
		format = html.EscapeString(format)
	}
	fill := []string{"{{dir}}", dir, "{{port}}", port, "{{format}}", format, "{{log}}", log, "{{password}}", password, "{{basic}}", basic("alice", password), "{{bcrypt}}", base64.StdEncoding.EncodeToString([]byte(bcrypt))}
	if a.fill != nil {
		certify(t, dir)
		write(t, filepath.Join(dir, "plain-nginx"), "alice:{PLAIN}"+password+"\n")
		write(t, filepath.Join(dir, "digest"), fmt.Sprintf("alice:staff:%x\n", md5.Sum([]byte("alice:staff:"+password))))
		write(t, filepath.Join(dir, "page"), "hello\n")
		if err := os.MkdirAll(filepath.Join(dir, "basic"), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "basic/right"), "hello\n")
		fill = append(fill, a.fill...)
	}
	conf := filepath.Join(dir, a.conf)
	write(t, conf, strings.NewReplacer(fill...).Replace(string(text)))
	return conf
}

// varnishncsa writes Varnish's log. It returns when a request is in it.
func (a *accessServer) varnishncsa(t *testing.T, dir, access, port string) {
	t.Helper()
	args := []string{"-n", filepath.Join(dir, "varnish"), "-w", access}
	if a.logs != "" {
		args = append(args, "-F", a.logs)
	}
	cmd := exec.Command("varnishncsa", args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	ready := sentRequest{target: "/ready", agent: "probe/1.0"}
	eventually(t, func() bool {
		ready.send(t, port, "")
		text, _ := os.ReadFile(access)
		return bytes.Contains(text, []byte("/ready"))
	})
}

// eventually waits until done says so; servers write when they like.
func eventually(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1500 {
		if done() {
			return
		}
		<-tick.C
	}
	t.Error("nothing happens")
}

type accessEvent struct {
	Time   time.Time `json:"@timestamp"`
	Source struct {
		IP   string `json:"ip"`
		Port int    `json:"port"`
	} `json:"source"`
	HTTP struct {
		Request  struct{ Method string }
		Response struct {
			Status int `json:"status_code"`
		}
	} `json:"http"`
	URL       struct{ Original, Path string }
	User      struct{ Name string }
	UserAgent struct{ Original string } `json:"user_agent"`
}

// events reads the log until it holds every request, beside what else came.
func (a *accessServer) events(t *testing.T, tool string, args []string, log string, requests []*sentRequest) []accessEvent {
	t.Helper()
	last := requests[len(requests)-1].target
	eventually(t, func() bool {
		text, _ := os.ReadFile(log)
		return bytes.Count(text, []byte("\n")) >= len(requests) && bytes.Contains(text, []byte(last)) && text[len(text)-1] == '\n'
	})
	out, err := exec.Command(tool, args...).Output()
	if err != nil {
		t.Fatalf("why401 %q: %v\n%s", args, err, out)
	}
	var events []accessEvent
	for line := range bytes.Lines(out) {
		var e accessEvent
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		events = append(events, e)
	}
	return events
}

func (a *accessServer) compare(t *testing.T, r *sentRequest, e accessEvent, origin string, began time.Time) {
	t.Helper()
	plain := a.quoting
	if plain == nil {
		plain = func(s string) string { return s }
	}
	check := func(what, got, want string) {
		if got != want {
			t.Errorf("%s: %s is %q, want %q", r.target, what, got, want)
		}
	}
	written := func(what, got, want string) { // as the server escaped it, or as it was
		if got != want {
			check(what, plain(got), want)
		}
	}
	ip, user := "127.0.0.1", r.user
	if r.ipv6 {
		ip = "::1"
	}
	if !strings.Contains(a.fields, "user") || a.unknown && r.status != 200 && r.status != 404 {
		user = ""
	}
	check("source.ip", strings.ReplaceAll(e.Source.IP, "0:0:0:0:0:0:0:1", "::1"), ip)
	check("http.request.method", e.HTTP.Request.Method, "GET")
	target := strings.TrimPrefix(strings.TrimPrefix(e.URL.Original, origin), "http://localhost")
	check("url.original", target, r.target)
	check("http.response.status_code", strconv.Itoa(e.HTTP.Response.Status), strconv.Itoa(r.status))
	written("user.name", e.User.Name, user)
	if strings.Contains(a.fields, "agent") {
		written("user_agent.original", e.UserAgent.Original, r.agent)
	} else {
		check("user_agent.original", e.UserAgent.Original, "")
	}
	if e.Time.Before(began) || e.Time.After(time.Now().Add(time.Second)) {
		t.Errorf("%s: @timestamp is %s, want %s or little more", r.target, e.Time, began)
	}
}
