#pragma once

#include <furiosa/http/client.hpp>
#include <furiosa/http/download_machine.hpp>
#include <furiosa/http/uri.hpp>
