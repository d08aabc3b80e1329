"""FastAPI on uvicorn, with uvloop and httptools.

python server.py [THREADS] [EXTRA]: prints its address and ends when its standard input does; one process always.
"""

import os
import socket
import sys
import threading

import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, NonNegativeInt

app = FastAPI()


class User(BaseModel):
    id: int
    name: str
    email: str


class Line(BaseModel):
    name: str
    count: NonNegativeInt
    price: float


class Order(BaseModel):
    lines: list[Line]


@app.get("/hello", response_class=PlainTextResponse)
async def hello() -> str:
    return "Hello, World!"


@app.get("/users/{id}/posts/{post}", response_class=PlainTextResponse)
async def user_post(id: int, post: str) -> str:
    return f"post {post} of user {id}"


@app.get("/search", response_class=PlainTextResponse)
async def search(q: str, page: int = 1) -> str:
    return f"page {page} of {q}"


@app.get("/user")
async def user() -> User:
    return User(id=7, name="Ada Lovelace", email="ada@example.org")


@app.post("/orders", response_class=PlainTextResponse)
async def order(order: Order) -> str:
    total = sum(line.count * line.price for line in order.lines)
    letters = sum(len(line.name.encode()) for line in order.lines)
    return f"{total:.2f} {letters}"


async def extra(id: int) -> str:
    return str(id)


for n in range(int(sys.argv[2]) if len(sys.argv) > 2 else 0):
    app.get(f"/extra/{n}/{{id}}", response_class=PlainTextResponse)(extra)


def leave() -> None:
    sys.stdin.read()
    os._exit(0)


class Server(uvicorn.Server):
    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        host, port = sockets[0].getsockname()
        print(f"{host}:{port}", flush=True)
        threading.Thread(target=leave, daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
Server(uvicorn.Config(app, log_level="critical", access_log=False)).run(sockets=[listener])
