/* The element that everything lies in: the first map, the others of the 2 x 2 view, the corners. */
export const frame = () => document.querySelector("#map_div").parentNode;
