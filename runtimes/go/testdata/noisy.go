package main

import (
	"fmt"
	"log"
	"os"
	"strings"
	"sync"

	"alyx.dev/functions"
)

// atLoad is what the environment was before main ran.
var atLoad = os.Getenv("KEY") + os.Getenv("ALYX_WORKER")

// Input says what the function shall do.
type Input struct {
	Do string `json:"do"`
}

// Two calls wait for each other before and after they print.
var arrived, printed = pair(), pair()

func pair() *sync.WaitGroup {
	group := &sync.WaitGroup{}
	group.Add(2)
	return group
}

// Function does what a worker has to survive, or not.
var Function = functions.Define(func(ctx *functions.Context, input Input) (any, error) {
	switch input.Do {
	case "print":
		fmt.Println("one\ntwo é")
		fmt.Fprintln(os.Stderr, "three")
		log.SetFlags(0)
		log.Print("four")
		fmt.Print("no end")
	case "flood":
		fmt.Println(strings.Repeat("x", 1<<20))
		for i := 0; i < 20000; i++ {
			fmt.Println("a line of a flood")
		}
	case "meet":
		arrived.Done()
		arrived.Wait()
		fmt.Println("printed by one of two")
		printed.Done()
		printed.Wait()
	case "exit":
		os.Exit(3)
	case "goroutine":
		go panic("in a goroutine")
		<-ctx.Done()
	}
	return map[string]string{"atLoad": atLoad, "worker": os.Getenv("ALYX_WORKER"), "key": ctx.Env["KEY"]}, nil
})
