// Command quickstart asks for a page twice; the second answer comes from the larder, also when the program runs again.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store/sqlitestore"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: quickstart URL")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(url string) error {
	st, err := sqlitestore.Open("http_cache.db")
	if err != nil {
		return err
	}
	defer st.Close()
	cache, err := larder.New(st, &larder.Options{Terms: larder.Terms{Scope: larder.OneUser}})
	if err != nil {
		return err
	}
	defer cache.Close()
	client := cache.Client() // an *http.Client; or cache.Wrap(yours)
	for range 2 {
		if err := show(client, url); err != nil {
			return err
		}
	}
	return nil
}

func show(client *http.Client, url string) error {
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	info, _ := larder.InfoOf(resp) // from the cache? fresh until when? why?
	fmt.Printf("%s, %d bytes, from cache: %v (%s)\n", resp.Status, n, info.FromCache, info.Reason)
	return err
}
