package alert

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"why401/detectors"
)

func target(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := ParseURL(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

var sample = newAlert(&detectors.SpikeFinding{Type: "spike", ID: "c1", Phase: "opened", Kind: "credential_stuffing", Severity: detectors.Critical,
	Start: time.Date(2026, 3, 12, 14, 0, 0, 0, time.UTC), DetectedAt: time.Date(2026, 3, 12, 14, 1, 0, 0, time.UTC),
	Reason: "<!channel> \"tries\" \x1b[31m", CompromisedUsers: []string{"ada"}}, time.Unix(1_773_324_000, 0))

// TestRequest shows what a receiver gets, and checks the signature as the
// specification's libraries do.
func TestRequest(t *testing.T) {
	var req *http.Request
	var body []byte
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		req = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer srv.Close()
	key := bytes.Repeat([]byte("k"), 24)
	secret, err := ParseSecret("whsec_" + base64.StdEncoding.EncodeToString(key) + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := NewWebhook(target(t, srv.URL+"/in?x=1"), secret, nil).Send(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	if req.Method != "POST" || req.URL.String() != "/in?x=1" || req.Header.Get("Content-Type") != "application/json" || !bytes.Equal(body, sample.Finding) {
		t.Errorf("got %s %s %v %s", req.Method, req.URL, req.Header, body)
	}
	want := "v1," + sign(key, sample.ID, req.Header.Get("webhook-timestamp"), body)
	if got := req.Header.Get("webhook-signature"); got != want || req.Header.Get("webhook-id") != sample.ID {
		t.Errorf("signature %q, want %q", got, want)
	}
}

// TestSign holds sign to a signature that was made with openssl:
//
//	printf 'id.1700000000.{}' | openssl dgst -sha256 -hmac 0123456789abcdef -binary | base64
func TestSign(t *testing.T) {
	if got, want := sign([]byte("0123456789abcdef"), "id", "1700000000", []byte("{}")), "fLI62rljyaBYPPtwvQ1d42+e6CI0W1i/3Gy3IUFQo+k="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestAnswers says what becomes of an alert after each kind of answer.
func TestAnswers(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc
		want    string // in the error; "" for none
		refused bool
		wait    time.Duration
	}{
		{"taken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "", false, 0},
		{"unwell", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, "503", false, 0},
		{"busy", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "90"); w.WriteHeader(429) }, "429", false, 90 * time.Second},
		{"far too busy", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "99999999999")
			w.WriteHeader(429)
		}, "429", false, time.Hour},
		{"unknown", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, "404", false, 0},
		{"no JSON", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) }, "400", true, 0},
		{"moved", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, "not followed", false, 0},
		{"long", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 10<<20)) }, "", false, 0},
		{"long headers", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }, "", false, -1},
	} {
		srv := httptest.NewServer(c.answer)
		srv.Config.ErrorLog = log.New(io.Discard, "", 0)
		err := NewWebhook(target(t, srv.URL+"/"+"hook-"+"secret"), nil, nil).Send(t.Context(), sample)
		srv.Close()
		var ask *later
		switch {
		case c.wait == -1:
			if err == nil {
				t.Errorf("%s: no error", c.name)
			}
			continue
		case c.want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %v", c.name, err)
		case errors.Is(err, ErrRefused) != c.refused:
			t.Errorf("%s: refused is %v", c.name, !c.refused)
		case errors.As(err, &ask) != (c.wait > 0) || ask != nil && ask.wait != c.wait:
			t.Errorf("%s: asks for %v", c.name, ask)
		}
		if err != nil && strings.Contains(err.Error(), "hook-secret") {
			t.Errorf("%s: shows the URL: %v", c.name, err)
		}
	}
}

// TestBadServers meets servers that can't be talked to; no error shows the URL.
func TestBadServers(t *testing.T) {
	tls := httptest.NewTLSServer(http.NotFoundHandler()) // with a certificate that nobody signed
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer tls.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-r.Context().Done()
	}))
	defer silent.Close()
	for url, want := range map[string]string{tls.URL: "certificate", gone.URL: "refused", silent.URL: "no answer", "http://host.invalid": ""} {
		w := NewWebhook(target(t, url+"/hook-secret"), nil, nil)
		if want == "no answer" {
			w.Client.Timeout = 50 * time.Millisecond
		}
		err := w.Send(t.Context(), sample)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hook-secret") || errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestParseURL(t *testing.T) {
	for _, s := range []string{"", "hooks.example/x", "ftp://x/", "https://", "https://x/#y", "http://\x00", "/x", "https:x"} {
		if _, err := ParseURL(s); err == nil {
			t.Errorf("%q is taken", s)
		} else if len(s) > 8 && strings.Contains(err.Error(), s) {
			t.Errorf("the error shows %q", s)
		}
	}
}

func TestTemplates(t *testing.T) {
	env := func(name string) string { return map[string]string{"WHY401_PAGERDUTY_KEY": "r\"key"}[name] }
	for _, name := range Templates() {
		body, err := LoadTemplate(name, env)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m, err := sample.message()
		if err != nil {
			t.Fatal(err)
		}
		text, err := body(m)
		var v map[string]any
		if err != nil || json.Unmarshal(text, &v) != nil {
			t.Errorf("%s: %s %v", name, text, err)
		}
		for _, bad := range []string{"<!channel>", "\x1b", `\u001b`} {
			if name == "slack" && strings.Contains(strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(text)), bad) {
				t.Errorf("%s: %q got through: %s", name, bad, text)
			}
		}
	}
	if _, err := LoadTemplate("pagerduty", func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), "WHY401_PAGERDUTY_KEY") {
		t.Errorf("without its key: %v", err)
	}
}

func TestBadTemplates(t *testing.T) {
	for text, want := range map[string]string{
		`{"a": "{{.Title}}", "b": {{.Text}}}`: "not JSON",
		`{{.Nonsense}}`:                       "Nonsense",
		`{{`:                                  "bad:1",
		`{{env "HOME"}}`:                      "WHY401_",
		`{{range $i, $e := (printf "%1000000d" 1)}}"{{printf "%1000000d" 1}}"{{end}}`: "",
		`{{printf "%2000000d" 1}}`: "MiB",
	} {
		name := filepath.Join(t.TempDir(), "bad")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadTemplate(name, func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v", text, err)
		}
	}
}

// TestAlertmanager ends the alert of a campaign when the campaign closes.
func TestAlertmanager(t *testing.T) {
	var path string
	var got []amAlert
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		path = r.URL.Path
		got = nil
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
	}))
	defer srv.Close()
	am := NewAlertmanager(target(t, srv.URL+"/am/"))
	labels := map[string]string{}
	for _, phase := range []string{"opened", "grown", "closed"} {
		f := &detectors.SpikeFinding{Type: "spike", ID: "c1", Phase: phase, Kind: "brute_force", Severity: detectors.High, Start: time.Unix(1_700_000_000, 0).UTC()}
		if err := am.Send(t.Context(), newAlert(f, time.Now())); err != nil {
			t.Fatal(err)
		}
		if path != "/am/api/v2/alerts" || len(got) != 1 || !got[0].StartsAt.Equal(f.Start) || got[0].Labels["alertname"] != "why401_brute_force" {
			t.Fatalf("%s: %s %+v", phase, path, got)
		}
		if open := got[0].EndsAt.After(time.Now().Add(time.Hour)); open != (phase != "closed") {
			t.Errorf("%s: ends at %v", phase, got[0].EndsAt)
		}
		for k, v := range got[0].Labels { // labels are the alert's identity
			if old, ok := labels[k]; ok && old != v {
				t.Errorf("%s: the label %s changed", phase, k)
			}
			labels[k] = v
		}
	}
}
