package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/larder-go/larder/auth"
)

func TestApply(t *testing.T) {
	for _, c := range []struct {
		cred auth.Credential
		want string
	}{
		{auth.Basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
		{auth.Basic("u", "a:b"), "Basic dTphOmI="},
		{auth.Basic("é", ""), "Basic w6k6"},
		{auth.Bearer("abc"), "Bearer abc"},
	} {
		h := http.Header{}
		if err := c.cred.Check(); err != nil {
			t.Error(err)
		}
		c.cred.Apply(h)
		if got := h.Get("Authorization"); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		origin, url string
		want        bool
	}{
		{"https://a.example", "https://a.example/x?y", true},
		{"https://a.example:443/login", "https://A.EXAMPLE/", true},
		{"https://a.example", "http://a.example/", false},
		{"https://a.example", "https://b.a.example/", false},
		{"https://a.example", "https://a.example:8443/", false},
		{"http://127.0.0.1:80", "http://127.0.0.1/", true},
		{"http://127.0.0.1", "http://localhost/", false},
	} {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := auth.For(c.origin, auth.Bearer("t")).Matches(u); got != c.want {
			t.Errorf("%s at %s: %v, want %v", c.origin, c.url, got, c.want)
		}
	}
	if u, _ := url.Parse("https://a.example"); auth.Bearer("t").Matches(u) {
		t.Error("a credential that is not bound matches")
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		cred auth.Credential
		want string
	}{
		{auth.Basic("a:b", "p4ss"), "must not hold ':'"},
		{auth.Basic("a\r\nX: y", "p4ss"), "control character"},
		{auth.Bearer(""), "want a token"},
		{auth.Bearer("a\nb"), "want a token"},
		{auth.For("example.com", auth.Bearer("p4ss")), "want scheme://host"},
		{auth.For("ftp://u:p4ss@h", auth.Bearer("t")), "want scheme://host"},
		{auth.Credential{Type: "digest"}, `got "digest"`},
	} {
		err := c.cred.Check()
		if !errors.Is(err, auth.ErrInvalid) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "p4ss") {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestPrintsNoSecret(t *testing.T) {
	held := struct {
		C auth.Credential
		c auth.Credential
	}{auth.Basic("user", "p4ss"), auth.Bearer("p4ss")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, held); strings.Contains(got, "p4ss") || strings.Contains(got, "70347373") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}
