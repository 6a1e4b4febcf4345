# What only building this project takes; users of the installed library need none of it.

# The program file: headers and a generator of them, nothing to link.
find_program(FURIOSA_FLATC flatc REQUIRED)

if(FURIOSA_WITH_OPENCV)
  # Debian's package file of OpenCV comes with the whole of it; three of its libraries are enough here.
  foreach(part core imgproc imgcodecs)
    furiosa_find_library(furiosa::opencv_${part} opencv2/${part}.hpp opencv_${part} opencv4)
  endforeach()
endif()
