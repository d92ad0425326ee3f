package alert

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Webhook posts alerts to a URL, which may be a secret by itself: only its host
// is ever shown.
type Webhook struct {
	URL    *url.URL
	Secret []byte // signs each request; nil leaves requests unsigned
	Body   Body   // nil posts the finding's JSON
	Client *http.Client
	kind   string
}

// A Body makes what is posted.
type Body func(m *Message) ([]byte, error)

const (
	answerTime  = 10 * time.Second
	answerBytes = 64 << 10 // of an answer's body; the rest isn't read
)

// ParseURL reads a webhook's address. Errors don't show it.
func ParseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, errors.New("not a URL")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, errors.New("not a URL that starts with https:// or http:// and names a host")
	case u.Fragment != "":
		return nil, errors.New("a URL with a fragment (#) leads nowhere else than one without")
	}
	return u, nil
}

// newClient returns a client that follows no redirect: what a user named is where
// alerts go.
func newClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxResponseHeaderBytes = answerBytes
	t.MaxIdleConnsPerHost = 1
	return &http.Client{
		Transport:     t,
		Timeout:       answerTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// NewWebhook returns a target that posts to u.
func NewWebhook(u *url.URL, secret []byte, body Body) *Webhook {
	return &Webhook{URL: u, Secret: secret, Body: body, Client: newClient(), kind: "webhook"}
}

// Name implements Target.
func (w *Webhook) Name() string { return w.kind + " " + w.URL.Host }

// Send implements Target. Requests have the headers of the Standard Webhooks
// specification 1.0: webhook-id, webhook-timestamp and webhook-signature.
func (w *Webhook) Send(ctx context.Context, a *Alert) error {
	body := []byte(a.Finding)
	if w.Body != nil {
		m, err := a.message()
		if err == nil {
			body, err = w.Body(m)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: cannot make a request", ErrRefused)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "why401")
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Webhook-Id", a.ID)
	req.Header.Set("Webhook-Timestamp", stamp)
	if w.Secret != nil {
		req.Header.Set("Webhook-Signature", "v1,"+sign(w.Secret, a.ID, stamp, body))
	}
	resp, err := w.Client.Do(req)
	if err != nil {
		return hideURL(err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, answerBytes) // so that the connection can be used again
	return judge(resp)
}

// judge reads an answer's status: what was taken, what will never be, and what
// may be later, as a mended setting or a server that is back may have it.
func judge(resp *http.Response) error {
	status := fmt.Sprintf("the answer was %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	switch code := resp.StatusCode; {
	case code/100 == 2:
		return nil
	case code == http.StatusBadRequest || code == http.StatusRequestEntityTooLarge || code == http.StatusUnprocessableEntity:
		return fmt.Errorf("%s: the alert was %w; look at the template", status, ErrRefused)
	case code/100 == 3:
		return errors.New(status + "; redirects are not followed: name where it leads")
	}
	err := errors.New(status)
	if s, convErr := strconv.Atoi(resp.Header.Get("Retry-After")); convErr == nil && s > 0 {
		return &later{err, time.Duration(min(s, 3600)) * time.Second}
	}
	return err
}

// hideURL takes the URL out of a client's error.
func hideURL(err error) error {
	if ue := (*url.Error)(nil); errors.As(err, &ue) {
		err = ue.Err
		if ue.Timeout() {
			return fmt.Errorf("no answer within %s", answerTime)
		}
	}
	if de := (*net.DNSError)(nil); errors.As(err, &de) {
		return fmt.Errorf("no such host, or no name server to ask: %s", de.Err)
	}
	return err
}

// sign returns the signature of a request (Standard Webhooks 1.0, HMAC-SHA256).
func sign(secret []byte, id, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	_, _ = io.WriteString(mac, id+"."+stamp+".")
	_, _ = mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// ParseSecret reads a secret: whsec_ and base64, as the specification writes it,
// or any bytes.
func ParseSecret(text string) ([]byte, error) {
	text = strings.TrimRight(text, "\r\n")
	secret := []byte(text)
	if coded, ok := strings.CutPrefix(text, "whsec_"); ok {
		var err error
		if secret, err = base64.StdEncoding.DecodeString(coded); err != nil {
			return nil, errors.New("the webhook secret starts with whsec_ but what follows is not base64")
		}
	}
	if len(secret) < 16 {
		return nil, errors.New("the webhook secret is shorter than 16 bytes")
	}
	return secret, nil
}

// NewAlertmanager returns a target that posts to the v2 API of the Alertmanager
// at u.
func NewAlertmanager(u *url.URL) *Webhook {
	w := NewWebhook(u.JoinPath("api/v2/alerts"), nil, alertmanagerBody)
	w.kind = "alertmanager"
	return w
}

// An amAlert is a postableAlert of Alertmanager's api/v2/openapi.yaml.
type amAlert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
}

// Alertmanager takes an alert for resolved once it ends. A campaign ends when it
// closes, or when nothing more was said of it for hours; the rest stays for a day.
const (
	amCampaign = 4 * time.Hour
	amOther    = 24 * time.Hour
)

func alertmanagerBody(m *Message) ([]byte, error) {
	str := func(key string) string { s, _ := m.Finding[key].(string); return s }
	a := amAlert{
		Labels:      map[string]string{"alertname": "why401_" + m.Kind, "severity": m.Severity, "instance": m.Host},
		Annotations: map[string]string{"summary": m.Title, "description": m.Text},
		StartsAt:    m.Time,
		EndsAt:      time.Now().Add(amOther),
	}
	switch str("type") {
	case "spike":
		a.Labels["campaign"] = m.Key
		if t, err := time.Parse(time.RFC3339Nano, str("start")); err == nil {
			a.StartsAt = t
		}
		if a.EndsAt = time.Now().Add(amCampaign); m.Step == "closed" {
			a.EndsAt = time.Now()
		}
	case "leak":
		a.Labels["file"], a.Labels["kind"] = str("file"), str("kind")
	}
	return json.Marshal([]amAlert{a})
}
