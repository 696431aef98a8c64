package cookiejar_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/larder-go/larder/cookiejar"
)

func TestUnderAPlainClient(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Set-Cookie"] = []string{`q="a b"; Path=/`, "plain=1", "gone=1; Max-Age=0"}
		fmt.Fprint(w, r.Header.Get("Cookie"))
	}))
	defer site.Close()
	client := &http.Client{Jar: new(cookiejar.Jar)}
	for _, want := range []string{"", `q="a b"; plain=1`} {
		resp, err := client.Get(site.URL + "/")
		if err != nil {
			t.Fatal(err)
		}
		var got [100]byte
		n, _ := resp.Body.Read(got[:])
		resp.Body.Close()
		if string(got[:n]) != want {
			t.Errorf("sent %q, want %q", got[:n], want)
		}
	}
}

func TestSetCookies(t *testing.T) {
	read := func(raw string) *http.Cookie {
		c, err := http.ParseSetCookie(raw)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	changed := read("a=1; Domain=example.com")
	changed.Domain, changed.Value = "h.example", "2"
	u := parsed(t, "https://h.example/dir/page")
	for name, c := range map[string]struct {
		cookie       *http.Cookie
		here, beside string // the Cookie field for the page and for one of a subdomain
	}{
		"fields":                {&http.Cookie{Name: "a", Value: "1", Secure: true, SameSite: http.SameSiteNoneMode}, "a=1", ""},
		"a domain":              {&http.Cookie{Name: "a", Value: "1", Domain: ".h.example"}, "a=1", "a=1"},
		"another's domain":      {&http.Cookie{Name: "a", Value: "1", Domain: "example.com"}, "", ""},
		"a line, changed since": {changed, "a=2", "a=2"},
		"a past":                {&http.Cookie{Name: "a", Value: "1", Expires: time.Unix(1, 0)}, "", ""},
		"a negative age":        {&http.Cookie{Name: "a", Value: "1", MaxAge: -1}, "", ""},
		"a date of few":         {read("a=1; Expires=Sun, 1-Jan-2012 00:00:00"), "", ""},
		"attributes in a value": {&http.Cookie{Name: "a", Value: "1; Domain=h.example"}, "", ""},
		"a line in a value":     {&http.Cookie{Name: "a", Value: "1\r\nX: y"}, "", ""},
		"quotes":                {&http.Cookie{Name: "a", Value: "1 2", Quoted: true}, `a="1 2"`, ""},
		"nothing":               {nil, "", ""},
	} {
		j := cookiejar.New(nil)
		j.SetCookies(u, []*http.Cookie{c.cookie})
		now := time.Now()
		if got := j.Header(u, now); got != c.here {
			t.Errorf("%s: %q, want %q", name, got, c.here)
		}
		if got := j.Header(parsed(t, "https://x.h.example/dir/page"), now); got != c.beside {
			t.Errorf("%s: a subdomain gets %q, want %q", name, got, c.beside)
		}
	}
}
