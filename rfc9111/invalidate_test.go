package rfc9111_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/larder-go/larder/rfc9111"
)

func TestInvalidates(t *testing.T) {
	const self = "http://example.org/a"
	for _, c := range []struct{ rule, request, response, want string }{
		{"§4.4 POST", "POST", "200", self},
		{"§4.4 PUT", "PUT", "204", self},
		{"§4.4 DELETE", "DELETE", "204", self},
		{"§4.4 PATCH", "PATCH", "200", self},
		{"§4.4 methods of unknown safety", "PURGE", "200", self},
		{"§4.4 methods of unknown safety", "MKCOL", "201", self},
		{"§4.4 methods are case-sensitive", "get", "200", self},
		{"§4.4 a redirect is no error", "POST", "303", self},
		{"§4.4 an error", "POST", "400", ""},
		{"§4.4 an error", "PUT", "500", ""},
		{"§4.4 nothing final", "POST", "103", ""},
		{"RFC 9110 §9.2.1 safe", "GET", "200", ""},
		{"RFC 9110 §9.2.1 safe", "", "200", ""},
		{"RFC 9110 §9.2.1 safe", "HEAD", "200", ""},
		{"RFC 9110 §9.2.1 safe", "OPTIONS", "200", ""},
		{"RFC 9110 §9.2.1 safe", "TRACE", "200", ""},
		{"RFC 10008 safe", "QUERY", "200", ""},
		{"RFC 4918 §9.1 safe", "PROPFIND", "207", ""},
		{"RFC 3253 §3.6 safe", "REPORT", "200", ""},
		{"RFC 5323 §2 safe", "SEARCH", "200", ""},
		{"RFC 9110 §9.3.6 a tunnel", "CONNECT", "200", ""},
		{"§4.4 Location", "POST", "201 | Location: /b", self + " http://example.org/b"},
		{"§4.4 Content-Location", "POST", "200 | Content-Location: b?c#d", self + " http://example.org/b?c"},
		{"§4.4 both", "POST", "201 | Location: http://EXAMPLE.org:80/b | Content-Location: /c", self + " http://EXAMPLE.org:80/b http://example.org/c"},
		{"§4.4 another host", "POST", "201 | Location: http://example.com/b", self},
		{"§4.4 another scheme", "POST", "201 | Location: https://example.org/b", self},
		{"§4.4 another port", "POST", "201 | Location: http://example.org:8080/b", self},
		{"§4.4 another host, without scheme", "POST", "201 | Location: //example.com/b", self},
		{"§4.4 no URL", "POST", "201 | Location: http://[::1/", self},
		{"§4.4 not for an error", "POST", "409 | Location: /b", ""},
	} {
		var got []string
		for _, u := range rfc9111.Invalidates(request(t, c.request), response(t, c.response)) {
			got = append(got, u.String())
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s answered %s: %q, want %q", c.rule, c.request, c.response, s, c.want)
		}
	}
}

func TestInvalidatesCopies(t *testing.T) {
	u, _ := url.Parse("http://127.0.0.1:8080/a#f")
	req := &http.Request{Method: "POST", URL: u, Host: "example.org"}
	urls := rfc9111.Invalidates(req, response(t, "201 | Location: http://example.org/b"))
	var got []string
	for _, u := range urls {
		got = append(got, u.String())
	}
	if s := strings.Join(got, " "); s != "http://127.0.0.1:8080/a http://example.org/a http://example.org/b" {
		t.Errorf("Host beside the URL: %s", s)
	}
	urls[0].Path = "/x"
	if u.String() != "http://127.0.0.1:8080/a#f" {
		t.Error("changed its input")
	}
	if rfc9111.Invalidates(&http.Request{Method: "POST"}, response(t, "200")) != nil {
		t.Error("no URL")
	}
}

func TestEndToEnd(t *testing.T) {
	for _, c := range []struct{ rule, in, want string }{
		{"RFC 9110 §7.6.1 the connection's", "A: 1 | Connection: close | Keep-Alive: x | Proxy-Connection: x | TE: x | Transfer-Encoding: x | Upgrade: x", "A: 1"},
		{"RFC 9110 §7.6.1 named by Connection", "A: 1 | b: 2 | C: 3 | Connection: B, close | Connection: c", "A: 1"},
		{"§3.1 the proxy's", "A: 1 | Proxy-Authenticate: x | Proxy-Authentication-Info: x | Proxy-Authorization: x", "A: 1"},
		{"§3.1 the rest stays, Set-Cookie and unknown ones too", "Set-Cookie: a=b | X-New: 1", "Set-Cookie: a=b | X-New: 1"},
		{"RFC 9110 §7.6.1 Cache-Control is no connection option", "Cache-Control: no-store | Vary: a | Age: 1 | Connection: cache-control, vary, Age", "Age: 1 | Cache-Control: no-store | Vary: a"},
		{"RFC 9110 §7.6.1 nor what tells whose a response is", "Authorization: x | Set-Cookie: a=b | Connection: Set-Cookie, authorization", "Authorization: x | Set-Cookie: a=b"},
	} {
		_, h := fields(t, c.in)
		before := show(h)
		got := rfc9111.EndToEnd(h)
		if show(got) != c.want {
			t.Errorf("%s: %s, want %s", c.rule, show(got), c.want)
		}
		for name := range got {
			got[name][0] = "changed"
		}
		if show(h) != before {
			t.Errorf("%s: changed its input", c.rule)
		}
	}
	if rfc9111.EndToEnd(nil) != nil {
		t.Error("nil")
	}
	h := http.Header{"a": {"1"}, "A": {"0"}, "connection": {"x"}, "X": {"2"}}
	if got := rfc9111.EndToEnd(h); show(got) != "A: 0 | A: 1" {
		t.Errorf("spellings: %s", show(got))
	}
}

func TestSelectors(t *testing.T) {
	for _, c := range []struct {
		rule, response, want string
		ok                   bool
	}{
		{"§4.1 none", "A: 1", "", true},
		{"§4.1 several lines", "Vary: Accept-Language, foo | Vary: Cookie, FOO", "accept-language cookie foo", true},
		{"codings are the cache's matter", "Vary: accept-Encoding, Foo", "foo", true},
		{"§4.1 star", "Vary: *", "", false},
		{"§4.1 star on a second line", "Vary: a | Vary: *", "", false},
		{"no field name", "Vary: a b", "", false},
	} {
		names, ok := rfc9111.Selectors(response(t, c.response))
		if s := strings.Join(names, " "); s != c.want || ok != c.ok {
			t.Errorf("%s: Selectors(%q) = %q, %v", c.rule, c.response, s, ok)
		}
	}
	if _, ok := rfc9111.Selectors(&http.Response{Header: http.Header{"vary": {"*"}}}); ok {
		t.Error("another spelling")
	}
}
