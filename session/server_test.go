package session_test

import (
	"context"
	"encoding/gob"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/session"
)

// site is a server with basic auth on every page, a cookie login, and redirects.
type site struct {
	*httptest.Server
	requests atomic.Int64
}

func newSite(t *testing.T) *site {
	s := &site{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "hop", Value: "1", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "name", Value: r.FormValue("name"), Path: "/"})
		http.Redirect(w, r, "/landing", http.StatusSeeOther)
	})
	mux.HandleFunc("/landing", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "landed", Value: "1", Path: "/"})
	})
	mux.HandleFunc("/whoami", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", r.URL.Query().Get("cc"))
		if c, err := r.Cookie("name"); err == nil {
			fmt.Fprintf(w, "You are %s", c.Value)
			return
		}
		fmt.Fprint(w, "You are a guest")
	})
	mux.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Authorization", "Cookie", "X-Api-Key", "Accept-Language"} {
			fmt.Fprintf(w, "%s=%s\n", name, r.Header.Get(name))
		}
		fmt.Fprintf(w, "query=%s\n", r.URL.RawQuery)
	})
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.FormValue("url"), http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/status", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, strings.Repeat("no ", 1000), http.StatusTeapot)
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		open := strings.HasPrefix(r.URL.Path, "/headers") || strings.HasPrefix(r.URL.Path, "/to")
		if user, pass, _ := r.BasicAuth(); !open && (user != "user" || pass != "pass") {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// otherOrigin is the same server under another host name.
func (s *site) otherOrigin() string { return strings.Replace(s.URL, "127.0.0.1", "localhost", 1) }

func (s *site) session(t *testing.T, change func(*session.Options)) *session.Session {
	t.Helper()
	o := &session.Options{BaseURL: s.URL, Auth: auth.Basic("user", "pass")}
	if change != nil {
		change(o)
	}
	return made(t)(session.New(o))
}

func made(t *testing.T) func(*session.Session, error) *session.Session {
	return func(s *session.Session, err error) *session.Session {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Client().CloseIdleConnections)
		return s
	}
}

func (s *site) login(t *testing.T, name string) *session.Session {
	t.Helper()
	se := s.session(t, nil)
	resp, err := se.Post(t.Context(), "/login", session.Form("name", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Err(); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(resp.History) != 1 || resp.History[0].StatusCode != http.StatusSeeOther {
		t.Errorf("history: %v", resp.History)
	}
	return se
}

// text asks a session for a page.
func text(t *testing.T, s *session.Session, target string, opts ...session.RequestOption) string {
	t.Helper()
	resp, err := s.Get(t.Context(), target, opts...)
	if err != nil {
		t.Fatal(err)
	}
	page, err := resp.Text()
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// TestMain is also the second process: it opens the session that the environment names and says who it is.
func TestMain(m *testing.M) {
	if file := os.Getenv("SESSION_TEST_OPEN"); file != "" {
		if err := otherProcess(file, os.Getenv("SESSION_TEST_FORM")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func otherProcess(file, form string) (err error) {
	s := new(session.Session)
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	switch form {
	case "json":
		err = s.UnmarshalJSON(data)
	case "binary":
		err = s.UnmarshalBinary(data)
	case "gob":
		err = gob.NewDecoder(strings.NewReader(string(data))).Decode(s)
	case "plain":
		s, err = session.OpenFile(file, session.Plain, nil)
	case "sealed":
		s, err = session.OpenFile(file, session.Sealed(testKey), nil)
	}
	if err != nil {
		return err
	}
	resp, err := s.Get(context.Background(), "/whoami")
	if err != nil {
		return err
	}
	page, err := resp.Text()
	fmt.Print(page)
	return err
}

func mustURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
