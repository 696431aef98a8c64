package redact_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/larder-go/larder/internal/redact"
)

func TestIsField(t *testing.T) {
	for name, want := range map[string]bool{
		"Authorization": true, "authorization": true, "Cookie": true, "X-Api-Key": true, "x-api-key": true, "X-Acme-Token": true, "X-Acme-Secret": true,
		"Token": true, "x_api_key": true, "X-Auth": true, "Mcp-Session-Id": true,
		"Proxy-Authorization": true, "Accept": false, "Content-Type": false, "If-None-Match": false, "Idempotency-Key": false,
		"Set-Cookie": false, "X-Request-Id": false, "": false,
	} {
		if got := redact.IsField(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestURL(t *testing.T) {
	for raw, want := range map[string]string{
		"http://u:p4ss@h/a?b=1#p4ss":                "http://h/a?b=1",
		"http://h/?api_key=p4ss&b=%20&API_KEY=p4ss": "http://h/?api_key=redacted&b=%20&API_KEY=redacted",
		"http://h/?%61ccess_token=p4ss&x":           "http://h/?%61ccess_token=redacted&x",
		"http://h/?token=":                          "http://h/?token=",
		"http://h/?a=1;token=p4ss&b":                "http://h/?a=1;token=p4ss&b", // one parameter, a
		"user:p4ss@h/a":                             "user:h/a",
		"http://h/path%2Fx?z=1&y=2":                 "http://h/path%2Fx?z=1&y=2",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := redact.URL(u); got != want {
			t.Errorf("%s\n got  %s\n want %s", raw, got, want)
		}
		if redact.RawURL(raw) != want {
			t.Errorf("RawURL differs: %s", redact.RawURL(raw))
		}
	}
	if got := redact.RawURL("http://h/%zz?token=p4ss"); strings.Contains(got, "p4ss") {
		t.Error(got)
	}
}

func TestHeader(t *testing.T) {
	odd := strings.ToLower("X-Api-Key") // put into the map by hand, as it is
	h := http.Header{"Authorization": {"p4ss", "p4ss"}, odd: {"p4ss"}, "Accept": {"a"}}
	got := redact.Header(h)
	if got["Authorization"][1] != "[redacted]" || got[odd][0] != "[redacted]" || got["Accept"][0] != "a" || h["Authorization"][0] != "p4ss" {
		t.Errorf("%v %v", got, h)
	}
	if redact.Header(nil) != nil {
		t.Error("nil does not stay nil")
	}
	err := redact.Error(&url.Error{Op: "Get", URL: "http://h/?token=p4ss", Err: http.ErrHandlerTimeout})
	if strings.Contains(err.Error(), "p4ss") {
		t.Error(err)
	}
}
